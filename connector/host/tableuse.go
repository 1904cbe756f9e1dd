package host

import (
	"github.com/penstock-sdk/penstock/internal/tableuse"
	"github.com/penstock-sdk/penstock/schema"
)

// reportUse tells package connectortest how the sync has used its tables.
func (s *session) reportUse() {
	report := tableuse.From(s.run.ctx)
	if report == nil {
		return
	}
	found := tableuse.Sync{Tables: map[string]tableuse.Table{}, Unread: map[string]bool{}}
	named := func(t *schema.Table) bool {
		known, ok := s.names.Get(t.Schema, t.Name)
		return ok && known.wasNamed()
	}
	for _, t := range s.names.All() {
		found.Tables[t.String()] = tableuse.Table{
			Named: named(t.Table) || t.Follows != "" && named(&schema.Table{Schema: t.Schema, Name: t.Follows}),
		}
	}
	for _, u := range s.doc.TableUses() {
		if t, err := s.lookup(u.Table); err == nil {
			found.Tables[t.String()] = tableuse.Table{Named: true, Cursor: u.Cursor, Sorted: u.Sorted, Moved: u.Moved}
		}
	}
	s.mu.Lock()
	found.Warnings = s.warned
	for _, t := range s.notRead {
		found.Unread[t.String()] = true
	}
	s.mu.Unlock()
	report(found)
}

// wasNamed reports whether the connector has named the table in this sync. The state
// knows whether it has used its part.
func (p *progress) wasNamed() bool {
	return p.named.Load() || p.rows() > 0 || p.truncates.Load() > 0 || p.refused.Load() > 0
}
