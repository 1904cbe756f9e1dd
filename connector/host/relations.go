package host

import (
	"fmt"
	"slices"
	"sync"

	"github.com/penstock-sdk/penstock/schema"
)

// relations records which tables follow which. It has a mutex of its own, because
// that of the session is held while the destination blocks.
type relations struct {
	mu        sync.Mutex
	followers map[*progress][]*schema.Table // by the table that they follow
	unknown   []string                      // names in scopes that no table had
}

// add records that a table follows another one.
func (r *relations) add(carrier *progress, follower *schema.Table) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.followers == nil {
		r.followers = map[*progress][]*schema.Table{}
	}
	all := r.followers[carrier]
	if !slices.ContainsFunc(all, func(f *schema.Table) bool { return f.Name == follower.Name }) {
		r.followers[carrier] = append(all, follower)
	}
}

// of returns the tables that follow a table.
func (r *relations) of(carrier *progress) []*schema.Table {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.followers[carrier])
}

// noteUnknown records a name that must identify a table at the end of the sync.
func (r *relations) noteUnknown(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.unknown, name) {
		r.unknown = append(r.unknown, name)
	}
}

// checkUnknown returns an error if a recorded name still identifies no table.
func (s *session) checkUnknown() error {
	s.relations.mu.Lock()
	names := slices.Clone(s.relations.unknown)
	s.relations.mu.Unlock()
	if err := s.checkNames(names); err != nil {
		return fmt.Errorf("scope: %w", err)
	}
	return nil
}

// withFollowers returns the named tables and the tables that follow them. It
// returns an error if a table is named without the table that it follows.
func (s *session) withFollowers(tables []string) ([]string, error) {
	all := slices.Clone(tables)
	meant := map[*progress]bool{}
	for _, name := range tables {
		t, err := s.names.Lookup(name)
		if err != nil {
			continue // the table may be declared later
		}
		meant[t.progress] = true
		for _, f := range s.relations.of(t.progress) {
			if follower, ok := s.names.Get(f.Schema, f.Name); ok && !meant[follower.progress] {
				meant[follower.progress] = true
				all = append(all, s.namesOf(follower)[:1]...)
			}
		}
	}
	for _, name := range tables {
		t, err := s.names.Lookup(name)
		if err != nil || t.Follows == "" {
			continue
		}
		if carrier, ok := s.names.Get(t.Schema, t.Follows); ok && !meant[carrier.progress] {
			return nil, fmt.Errorf("sync table %s: it follows table %s; sync that table, which includes its followers", t, t.Follows)
		}
	}
	return all, nil
}

// isRead reports whether a table or one of its followers is selected.
func (s *session) isRead(t *table) bool {
	return t.selected || slices.ContainsFunc(s.relations.of(t.progress), func(f *schema.Table) bool {
		follower, ok := s.names.Get(f.Schema, f.Name)
		return ok && follower.selected
	})
}
