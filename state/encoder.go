package state

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// An encoder encodes the saved state of a document. It keeps the last encoded state, from
// which it copies the parts and blocks that have not changed since.
type encoder struct {
	// revision counts the changes of what a snapshot contains. It changes after the
	// change itself, and before the mutex of the changed part is unlocked.
	revision atomic.Int64

	adding sync.Mutex // guards added; locked last
	added  []*Part    // that parts lacks

	mu       sync.Mutex // guards the fields below; locked before the mutexes of parts and of the document
	parts    []*Part    // sorted by name
	last     *Snapshot  // or nil
	at       int64      // the revision of last
	sequence int        // the number of snapshots
}

// A span locates a part in the last encoded state. All offsets are equal if the part is
// empty.
type span struct {
	from   int // where the name begins
	object int
	to     int
}

func compareNames(a, b *Part) int { return cmp.Compare(a.name, b.name) }

// add adds a part to those that states contain.
func (c *encoder) add(p *Part) {
	c.adding.Lock()
	defer c.adding.Unlock()
	c.added = append(c.added, p)
}

// sort merges the added parts into the sorted ones. The caller must hold c.mu.
func (c *encoder) sort() {
	c.adding.Lock()
	added := c.added
	c.added = nil
	c.adding.Unlock()
	if len(added) == 0 {
		return
	}
	slices.SortFunc(added, compareNames)
	merged := make([]*Part, 0, len(c.parts)+len(added))
	for _, p := range c.parts {
		for len(added) > 0 && added[0].name < p.name {
			merged, added = append(merged, added[0]), added[1:]
		}
		merged = append(merged, p)
	}
	merged = append(merged, added...)
	c.parts = merged
}

// change records that snapshots have another content from now on.
func (c *encoder) change() { c.revision.Add(1) }

// outdate records that a saved value of the part has changed. The caller must hold p.mu,
// unless the sync has not begun.
func (p *Part) outdate() {
	p.encoded.Store(false)
	p.doc.encoder.change()
}

// Snapshot returns the saved state as a whole and in parts. The cost depends on what has
// changed since the last snapshot, except that the bytes of the other parts are copied. If
// nothing has changed, Snapshot returns the last one again.
func (d *Document) Snapshot() *Snapshot {
	d.renderCopies()
	c := &d.encoder
	c.mu.Lock()
	defer c.mu.Unlock()
	revision := c.revision.Load()
	if c.last != nil && c.at == revision {
		return c.last
	}
	c.sequence++
	s := &Snapshot{Version: d.version, doc: d, sequence: c.sequence}
	c.sort()
	if c.last != nil && !slices.ContainsFunc(c.parts, func(p *Part) bool { return !p.encoded.Load() }) {
		s.State, s.whole = c.last.State, c.last.whole
	} else {
		c.encode(s)
	}
	s.families = d.snapshotFamilies()
	c.last, c.at = s, revision
	return s
}

// encode encodes the whole state. The caller must hold c.mu.
func (c *encoder) encode(s *Snapshot) {
	var last []byte
	if c.last != nil {
		last = c.last.State
		s.whole = make([]SavedPart, 0, len(c.last.whole)+1)
	}
	b := append(make([]byte, 0, len(last)+len(last)/16+64), '{')
	for _, p := range c.parts {
		start := len(b)
		if len(b) > 1 {
			b = append(b, ',')
		}
		if b = p.appendSaved(b, last); p.span.from == p.span.to {
			b = b[:start] // the part is empty
		}
	}
	s.State = append(appendVersion(b, s.Version), '}')
	for _, p := range c.parts {
		if at := p.span; at.from < at.to {
			s.whole = append(s.whole, SavedPart{Name: p.name, JSON: s.State[at.object:at.to:at.to]})
		}
	}
}

// appendSaved appends the name and the saved values of the part. The last encoded state is
// last. If the part is empty, it appends anything, and the span is empty. The caller must
// hold the mutex of the encoder.
func (p *Part) appendSaved(b, last []byte) []byte {
	from, was := len(b), p.span
	if p.encoded.Load() {
		p.span = span{from, from + was.object - was.from, from + was.to - was.from}
		return append(b, last[was.from:was.to]...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b = append(rawjson.AppendString(b, p.name), ':')
	p.span = span{from, len(b), 0}
	b = p.entries.appendSaved(b, &lastPart{bytes: last[was.from:was.to], base: from})
	p.span.to = len(b)
	if p.span.to == p.span.object+len("{}") {
		p.span = span{}
	}
	p.encoded.Store(true)
	return b
}
