package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/schema"
)

// unreadTables returns warnings about the tables that nothing has read, and keeps them for
// reportUse. The caller holds s.mu.
func (s *session) unreadTables() []string {
	s.notRead = s.tablesNotRead()
	var all []string
	for _, t := range s.notRead {
		fix := "it"
		if t.Follows != "" {
			fix = fmt.Sprintf("table %s, which it follows,", &schema.Table{Schema: t.Schema, Name: t.Follows})
		}
		all = append(all, fmt.Sprintf("no function of the connector reads table %s: add %s with Tables.Add", t, fix))
	}
	return all
}

// tablesNotRead returns the selected tables of the schema that nothing has read in a successful
// sync. A connector whose Sync reads tables itself may deliver nothing for an empty table, so
// there are none unless functions that are passed to SyncTables, as connector.Tables does,
// have delivered all rows. What reads a table also reads its followers. The caller holds
// s.mu.
func (s *session) tablesNotRead() []*table {
	named := s.units.entered()
	if len(named) == 0 || s.doc.UsesShared() { // one stream of changes covers all tables
		return nil
	}
	known := map[*progress]bool{}
	for _, name := range named {
		if t, err := s.lookup(name); err == nil {
			known[t.progress] = true
		}
	}
	leaderOf := func(t *table) (*table, bool) { return s.names.Get(t.Schema, t.Follows) }
	for _, t := range s.names.All() {
		leader, follows := leaderOf(t)
		if t.rows() > 0 && !known[t.progress] && (!follows || !known[leader.progress]) {
			return nil
		}
	}
	read := func(t *table) bool {
		return t.began || known[t.progress] || t.wasNamed() || s.doc.UsesTable(t.id) ||
			len(t.encoders) > 1 // the connector has declared it again
	}
	var all []*table
	for _, one := range s.run.schema.Tables() {
		t, ok := s.names.Get(one.Schema, one.Name)
		if !ok || !t.selected || read(t) {
			continue
		}
		// The warning about the table that it follows suffices.
		if leader, follows := leaderOf(t); one.Follows == "" || follows && !leader.selected && !read(leader) {
			all = append(all, t)
		}
	}
	return all
}
