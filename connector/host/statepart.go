package host

import (
	"bytes"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A StatePart is the part of a state that belongs to one table, or the part
// that the tables share.
type StatePart struct {
	// Table is the table. It is nil for the part that belongs to no table in
	// particular.
	Table *schema.Table
	// State is a state that holds this part alone: one JSON object on one line,
	// to be kept as it is and given back to [Run.JoinState]. It is {} if there
	// is nothing to keep.
	State []byte
	// Selected reports whether the user wants the table. A table that is not
	// selected keeps the state that it had. The shared part is selected.
	Selected bool
	// Changed reports whether the part differs from the one in the last
	// checkpoint that the destination was given. In the first one of a sync,
	// every part has changed.
	Changed bool
}

// A snapshot is a state that is or was sent, and to whom its parts belonged then:
// a table that is declared later may claim one.
type snapshot struct {
	*state.Snapshot
	tables  int // how many there were: later ones come after them
	grouped bool
	mine    map[*progress][]state.SavedPart // by table, however it is declared
	shared  []state.SavedPart
}

// group finds the owners of the parts, under the table's own or its qualified
// name. What belongs to no table is shared, so that it is kept.
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

// A checkpoint is what the parts of a state are made of.
type checkpoint struct {
	now    *snapshot
	before *snapshot // that was sent last, if any
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
	// In the first checkpoint it is there in any case: a platform may have one
	// of an earlier sync.
	if c.before == nil || len(c.now.shared) > 0 || len(before.shared) > 0 {
		part := c.now.PickShared(c.now.shared...)
		changed := c.before == nil || !bytes.Equal(part, before.PickShared(before.shared...))
		all = append(all, StatePart{State: part, Selected: true, Changed: changed})
	}
	return all
}
