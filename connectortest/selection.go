package connectortest

import (
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
)

var selectionRule = rule{
	name:     "Selection",
	contract: "a table or column that the user did not select is not delivered, and everything else is delivered as if everything were selected",
	fix:      "don't make anything depend on whether a table is selected: the Emitter silently drops rows and columns that are not selected, and Emitter.Selected only saves requests; let a table whose rows come with those of another one follow it (schema.Table.Following), which Emitter.Selected then takes into account; never assume that a row or a query has a column that the user may deselect",
	check:    checkSelection,
}

const fixNotSelected = "treat a table that is not selected as any other: the Emitter drops its rows without an error"

func checkSelection(s *suite, c *check) {
	s.baseline(c)
	tables := s.discover(c)
	for _, t := range tables {
		want := s.compareComplete()
		want.without = map[string]bool{t.String(): true}
		checkDeselected(s, c, "without table "+t.String(), map[string]any{t.Schema: map[string]any{t.Name: false}}, want)
	}
	// One column of each table at a time.
	for n := 0; ; n++ {
		selection, dropped := map[string]map[string]any{}, map[string]string{}
		var names []string
		for _, t := range tables {
			if column := nonKeyColumn(t, n); column != "" {
				if selection[t.Schema] == nil {
					selection[t.Schema] = map[string]any{}
				}
				selection[t.Schema][t.Name] = map[string]any{"columns": map[string]bool{column: false}}
				dropped[t.String()] = column
				names = append(names, t.String()+"."+column)
			}
		}
		if len(dropped) == 0 {
			return
		}
		want := s.compareComplete()
		want.dropped = dropped
		checkDeselected(s, c, "without the columns "+strings.Join(names, ", "), selection, want)
	}
}

// nonKeyColumn returns column n of a table, starting at 0 and not counting those of
// the primary key, or "".
func nonKeyColumn(t *schema.Table, n int) string {
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

// checkDeselected runs a sync with a selection and compares it with the baseline.
func checkDeselected(s *suite, c *check, selected string, selection any, want comparison) {
	text, err := json.Marshal(selection)
	if err != nil {
		c.fatalf("%s: %v", selected, err)
	}
	d := s.sync(c.Context(), attempt{selection: text})
	if d.err != nil {
		c.failWithf(fixNotSelected, "a sync %s failed: %s", selected, d.failure())
		return
	}
	for _, op := range d.platform.operations() {
		if op.table == nil {
			continue
		}
		if want.without[op.table.String()] && op.kind != host.OpSchemaChange {
			c.failf("a sync %s delivered an operation (%v) to that table", selected, op.kind)
			return
		}
		if column := want.dropped[op.table.String()]; column != "" {
			if _, ok := op.row[column]; ok {
				c.failf("a sync %s delivered column %s of table %s", selected, column, op.table)
				return
			}
		}
	}
	if diff := want.diff(d.platform, s.baseline(c).platform); diff != "" {
		c.failf("in a sync %s, the rest of the data differs from that of a complete sync:\n%s", selected, diff)
	}
}
