package connectortest

import (
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

var schemaRule = rule{
	name:     "Schema",
	contract: "Schema returns the same tables in the same order each time; the names of tables and of columns are legal and distinct even where case is folded; keys are never null and no JSON; all types are known",
	mend:     "make the schema with schema.New, in an order that does not come from a map or from the source's mood",
	check: func(s *suite, c *check) {
		first := s.discover(c)
		again := s.discover(c)
		if a, b := describe(first), describe(again); a != b {
			c.broken("a second call of Schema returned something else:\nfirst:\n%s\nsecond:\n%s", a, b)
		}
		if len(first) == 0 {
			c.broken("the schema has no tables")
		}
		folded := map[string]*schema.Table{}
		for _, t := range first {
			if err := t.Validate(); err != nil {
				c.broken("table %s: %v", t, err)
			}
			if other := folded[strings.ToLower(t.String())]; other != nil {
				c.broken("tables %s and %s are one to a destination that folds case", other, t)
			}
			folded[strings.ToLower(t.String())] = t
		}
	},
}

// describe returns everything that a destination makes of tables.
func describe(tables []*schema.Table) string {
	var b strings.Builder
	for _, t := range tables {
		b.WriteString("    " + t.String())
		for _, column := range t.Columns {
			// Descriptions are for people, the rest is for machines.
			column.Description = ""
			text, _ := json.Marshal(column) // plain fields
			b.Write(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
