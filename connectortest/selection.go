package connectortest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

var selectionRule = rule{
	name:     "Selection",
	contract: "a table that the user does not want is not delivered, nor is a column, and the others are delivered as if everything was wanted",
	mend:     "let nothing depend on a table being selected: Emitter.Selected saves requests, and an Emitter drops what is not wanted without an error; name children in Tables.Add, so that they are read where their parent is not wanted",
	check: func(s *suite, c *check) {
		s.uninterrupted(c)
		tables := s.discover(c)
		for _, t := range tables {
			s.deselect(c, fmt.Sprintf("table %s deselected", t), map[string]any{t.Schema: map[string]any{t.Name: false}}, func(want *comparison) {
				want.without = map[string]bool{t.String(): true}
			})
		}
		// A column of each table at a time.
		for n := 0; ; n++ {
			wanted, dropped := map[string]map[string]any{}, map[string]string{}
			var names []string
			for _, t := range tables {
				if column := others(t, n); column != "" {
					if wanted[t.Schema] == nil {
						wanted[t.Schema] = map[string]any{}
					}
					wanted[t.Schema][t.Name] = map[string]any{"columns": map[string]bool{column: false}}
					dropped[t.String()] = column
					names = append(names, t.String()+"."+column)
				}
			}
			if len(dropped) == 0 {
				return
			}
			s.deselect(c, "columns deselected: "+strings.Join(names, ", "), wanted, func(want *comparison) {
				want.dropped = dropped
			})
		}
	},
}

// others returns the nth column of a table that is not of the primary key, or
// "".
func others(t *schema.Table, n int) string {
	for _, column := range t.Columns {
		if column.PrimaryKey {
			continue
		}
		if n--; n < 0 {
			return column.Name
		}
	}
	return ""
}

// deselect makes a sync of a part and compares it with that part of everything.
func (s *suite) deselect(c *check, how string, tables any, except func(*comparison)) {
	text, err := json.Marshal(tables)
	if err != nil {
		c.hopeless("%s: %v", how, err)
	}
	d := s.travel(c.Context(), journey{selection: text})
	if d.err != nil {
		c.broken("a sync with %s failed: %s", how, d.failure())
		return
	}
	want := s.compareWhole()
	except(&want)
	for _, e := range d.into.events() {
		if e.table == nil {
			continue
		}
		if want.without[e.table.String()] && e.kind != host.OpSchemaChange {
			c.broken("a sync with %s delivered to it (%v)", how, e.kind)
			return
		}
		if column := want.dropped[e.table.String()]; column != "" {
			if _, ok := e.row[column]; ok {
				c.broken("a sync with %s delivered column %s of table %s", how, column, e.table)
				return
			}
		}
	}
	if diff := want.diff(d.into, s.uninterrupted(c).into); diff != "" {
		c.broken("a sync with %s delivered of the rest something else than one of everything does:\n%s", how, diff)
	}
}
