package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
)

// tableDeletes are the deletes of one table.
type tableDeletes struct {
	// last holds the primary keys whose last operation is a delete, in order.
	last []string
	// ever holds the primary keys that were deleted at least once.
	ever      map[string]bool
	truncated bool
}

// deletes returns the deletes of each table.
func (p *Platform) deletes() map[string]*tableDeletes {
	p.mu.Lock()
	defer p.mu.Unlock()
	tables := map[string]*tableDeletes{}
	for i := range p.log {
		e := &p.log[i]
		if e.table == nil {
			continue
		}
		t := tables[e.table.String()]
		if t == nil {
			t = &tableDeletes{ever: map[string]bool{}}
			tables[e.table.String()] = t
		}
		switch e.kind {
		case host.OpDelete:
			t.last = append(t.last, e.key)
			t.ever[e.key] = true
		case host.OpUpsert:
			if t.ever[e.key] {
				t.last = slices.DeleteFunc(t.last, func(key string) bool { return key == e.key })
			}
		case host.OpTruncate:
			t.last, t.truncated = nil, true
		}
	}
	return tables
}

// missing returns the primary keys that are deleted in the end, but that another
// platform was never told to delete. Both may be nil.
func (t *tableDeletes) missing(other *tableDeletes) []string {
	if t == nil {
		return nil
	}
	if other == nil {
		return t.last
	}
	if other.truncated {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(t.last), func(key string) bool { return other.ever[key] })
}
