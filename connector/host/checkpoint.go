package host

import (
	"bytes"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A checkpoint is what the parts of a state are made of.
type checkpoint struct {
	now    *state.Snapshot
	before *state.Snapshot // that was sent last, if any
	names  *schema.Names[*table]
}

// parts returns the parts of the state by table.
func (c *checkpoint) parts() []StatePart {
	mine, shared := c.byTable(c.now)
	var was map[*table][]state.SavedPart
	var sharedBefore []state.SavedPart
	if c.before != nil {
		was, sharedBefore = c.byTable(c.before)
	}
	changed := func(now, before []state.SavedPart) bool {
		return c.before == nil || !bytes.Equal(c.now.Pick(now...), c.before.Pick(before...))
	}
	var all []StatePart
	for declared, t := range c.names.All() {
		if t.selected || len(mine[t]) > 0 || len(was[t]) > 0 {
			all = append(all, StatePart{declared, c.now.Pick(mine[t]...), t.selected, changed(mine[t], was[t])})
		}
	}
	if len(shared) > 0 || len(sharedBefore) > 0 {
		all = append(all, StatePart{nil, c.now.Pick(shared...), true, changed(shared, sharedBefore)})
	}
	return all
}

// byTable returns the parts of a snapshot that belong to each table, under its
// own or its qualified name. What belongs to no table is shared, so that it is
// kept.
func (c *checkpoint) byTable(s *state.Snapshot) (mine map[*table][]state.SavedPart, shared []state.SavedPart) {
	mine = make(map[*table][]state.SavedPart, len(s.Parts))
	for _, p := range s.Parts {
		if t, err := c.names.Lookup(p.Name); err == nil && p.Name != state.SharedName {
			mine[t] = append(mine[t], p)
		} else {
			shared = append(shared, p)
		}
	}
	return mine, shared
}
