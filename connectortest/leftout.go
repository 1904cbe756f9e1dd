package connectortest

import (
	"strings"
)

// A recordGroup holds the records of a list on all pages, also for different parents.
type recordGroup struct {
	endpoint string
	records  []map[string]any
	around   []*surroundings
}

// logLeftOut logs the records that became no row although others of the same list did. A
// connector may leave records out on purpose, such as those that are too old, or lose the
// last page, on which its loop ends.
func (u *unread) logLeftOut() {
	var order []*recordGroup
	groups, seen := map[string]*recordGroup{}, map[string]bool{}
	for _, r := range u.responses {
		around := r.surroundings()
		for _, list := range r.lists {
			endpoint := r.method + " " + pathWithoutIDs(r.url.EscapedPath())
			name := endpoint + "\x00" + list.path
			g := groups[name]
			if g == nil {
				g = &recordGroup{endpoint: endpoint}
				groups[name] = g
				order = append(order, g)
			}
			for _, record := range list.records {
				if text := r.endpoint() + "\x00" + recordText(record); !seen[text] {
					seen[text] = true
					g.records, g.around = append(g.records, record), append(g.around, around)
				}
			}
		}
	}
	for _, g := range order {
		u.logGroup(g)
	}
}

func (u *unread) logGroup(g *recordGroup) {
	var tables []*deliveredTable
	for i, record := range g.records {
		tables = appendNew(tables, u.rows.closest(record, g.around[i]))
	}
	if len(tables) == 0 {
		return // the records became no rows, or under other names
	}
	n, first := 0, ""
	for i, record := range g.records {
		if !has(tables, record, g.around[i]) {
			if n++; n == 1 {
				first = recordText(record)
			}
		}
	}
	if n > 0 {
		u.Logf("%s: %d of %d records are in no row of table %s, such as %s; check that the connector leaves them out on purpose", g.endpoint, n, len(g.records), tables[0].table, shortened(first))
	}
}

// deletedNames are names of members that say that the source has deleted a record, in
// the form of plainName.
var deletedNames = nameSet("deleted isdeleted deletedat deletedon removed isremoved removedat trashed istrashed trashedat archived isarchived archivedat")

// logKeptDeletes logs the records that the source calls deleted and that became rows,
// although no column says so.
func logKeptDeletes(u *unread, t *pairedTable, unused []string) {
	for _, member := range unused {
		if !deletedNames[plainName(member)] {
			continue
		}
		n := 0
		for _, p := range t.pairs {
			text, scalar := scalarText(p.record[member])
			isSet := scalar && text != "" && text != "0" && !strings.EqualFold(text, "false")
			if isSet && len(p.row) > len(t.table.PrimaryKey()) {
				n++
			}
		}
		if n > 0 {
			u.Logf("table %s: %d records whose member %s is set became rows, and no column has the member: call Emitter.Delete for them, or deliver the member as a column", t.table, n, member)
		}
	}
}
