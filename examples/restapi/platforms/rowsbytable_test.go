package platforms_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// rowsByTable holds the columns of each row, as JSON, by table and primary key.
type rowsByTable map[string]map[string]map[string]string

// upsert stores a row. It leaves out the columns that wires add, whose names begin with
// an underscore, and nulls, which a row may also omit.
func (r rowsByTable) upsert(t *testing.T, table string, row map[string]json.RawMessage) {
	t.Helper()
	columns := map[string]string{}
	for name, value := range row {
		if !strings.HasPrefix(name, "_") && string(value) != "null" {
			columns[name] = string(value)
		}
	}
	r.table(table)[keyOf(row)] = columns
}

func (r rowsByTable) delete(table string, row map[string]json.RawMessage) {
	delete(r.table(table), keyOf(row))
}

func (r rowsByTable) table(name string) map[string]map[string]string {
	if r[name] == nil {
		r[name] = map[string]map[string]string{}
	}
	return r[name]
}

func keyOf(row map[string]json.RawMessage) string {
	return fmt.Sprintf("id %s, order %s, line %s", row["id"], row["order_id"], row["line"])
}
