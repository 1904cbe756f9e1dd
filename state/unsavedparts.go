package state

import "sync"

// unsavedParts lists the parts that have changed since they were saved, so that a
// checkpoint of the whole state need not look at the others. It may also contain
// parts that have been saved since.
type unsavedParts struct {
	mu    sync.Mutex // locked last
	parts []*Part
}

// add adds a part, unless the list contains it.
func (u *unsavedParts) add(p *Part) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !p.listed {
		p.listed = true
		u.parts = append(u.parts, p)
	}
}

// take returns the list and empties it. A part that checkpoints do not save is not
// added again when it changes: its table has failed or is not selected.
func (u *unsavedParts) take() []*Part {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.parts
	u.parts = nil
	for _, p := range taken {
		p.listed = false
	}
	return taken
}
