package connectortest

import (
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

var schemaRule = rule{
	name:     "Schema",
	contract: "Schema returns the same tables in the same order each time; the names of tables and columns are valid, and distinct even if case is ignored; columns of the primary key are neither JSON nor XML; all types are known",
	fix:      "make the schema with schema.New, in an order that does not come from a map or from the order of a response",
	check:    checkSchema,
}

// The fixes of schemas that are the same each time but cannot be used.
const (
	fixSchemaFails = "read the error: Schema must succeed whenever the configuration is valid; make the schema with schema.New and return its error"
	fixNoTables    = "return at least one table from Schema; a source whose tables are only known during a sync declares them with Emitter.Declare, too"
	fixTable       = "correct the name, the type or the primary key that the error names"
	fixSameTable   = "rename one of the tables: platforms ignore the case of names"
)

func checkSchema(s *suite, c *check) {
	first := s.discover(c)
	again := s.discover(c)
	if a, b := describe(first), describe(again); a != b {
		c.failf("a second call of Schema returned different tables:\nfirst:\n%s\nsecond:\n%s", a, b)
	}
	if len(first) == 0 {
		c.failWithf(fixNoTables, "the schema has no tables")
	}
	folded := map[string]*schema.Table{}
	for _, t := range first {
		if err := t.Validate(); err != nil {
			c.failWithf(fixTable, "table %s: %v", t, err)
		}
		if other := folded[strings.ToLower(t.String())]; other != nil {
			c.failWithf(fixSameTable, "tables %s and %s are the same table on a platform that ignores case", other, t)
		}
		folded[strings.ToLower(t.String())] = t
	}
}

// describe returns the tables as text, with everything that platforms depend on.
func describe(tables []*schema.Table) string {
	var b strings.Builder
	for _, t := range tables {
		b.WriteString("    " + t.String())
		for _, column := range t.Columns {
			column.Description = ""         // platforms do not depend on it
			text, _ := json.Marshal(column) // a column can always be marshaled
			b.Write(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
