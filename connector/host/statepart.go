package host

import (
	"bytes"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A StatePart is the part of a state that belongs to one table, or the shared
// part, which belongs to no table.
type StatePart struct {
	// Table is the table, or nil for the shared part.
	Table *schema.Table
	// State is a state that contains only this part, as one JSON object on one
	// line. Store it unchanged and pass it to [Run.JoinState] before the next
	// sync. It is {} if the part is empty.
	State []byte
	// Selected reports whether the user has selected the table. A table that is
	// not selected keeps its previous state. Selected is true for the shared
	// part.
	Selected bool
	// Changed reports whether the part differs from the previous checkpoint
	// that the destination received. It is true for every part of the first
	// checkpoint of a sync.
	Changed bool
}

// A snapshot is a saved state. It records which table owned each part when it was
// taken, because a table that is declared later may claim a part.
type snapshot struct {
	*state.Snapshot
	tables  int                             // the number of tables; later ones follow them
	grouped bool                            // whether mine and shared are set
	mine    map[*progress][]state.SavedPart // by table, across its declarations
	shared  []state.SavedPart
}

// group assigns the parts to tables, by the plain or the qualified name of each
// table. A part that belongs to no table is shared, so that it is kept.
func (s *snapshot) group(names *schema.Names[*table]) {
	if s.grouped {
		return
	}
	s.grouped, s.mine = true, make(map[*progress][]state.SavedPart, len(s.Parts))
	for _, p := range s.Parts {
		if t, err := names.Lookup(p.Name); err == nil && p.Name != state.SharedName {
			s.mine[t.progress] = append(s.mine[t.progress], p)
		} else {
			s.shared = append(s.shared, p)
		}
	}
}

// A checkpoint holds the data from which Operation.Parts computes the parts of a
// state.
type checkpoint struct {
	now    *snapshot
	before *snapshot // the previous one that was sent, or nil
	names  *schema.Names[*table]
}

// parts returns the parts of the state by table.
func (c *checkpoint) parts() []StatePart {
	before := c.before
	if before == nil {
		before = &snapshot{Snapshot: &state.Snapshot{}}
	}
	c.now.group(c.names)
	before.group(c.names)
	var all []StatePart
	i := -1
	for declared, t := range c.names.All() {
		i++
		mine, was := c.now.mine[t.progress], before.mine[t.progress]
		if !t.selected && len(mine) == 0 && len(was) == 0 {
			continue
		}
		part := c.now.Pick(mine...)
		changed := c.before == nil || i >= c.before.tables || !bytes.Equal(part, before.Pick(was...))
		all = append(all, StatePart{Table: declared, State: part, Selected: t.selected, Changed: changed})
	}
	// The first checkpoint always includes the shared part, because the platform
	// may hold one from an earlier sync.
	if c.before == nil || len(c.now.shared) > 0 || len(before.shared) > 0 {
		part := c.now.PickShared(c.now.shared...)
		changed := c.before == nil || !bytes.Equal(part, before.PickShared(before.shared...))
		all = append(all, StatePart{State: part, Selected: true, Changed: changed})
	}
	return all
}
