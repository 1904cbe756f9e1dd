package hosttest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/state"
)

// resume starts a sync from a state. It returns the parts of the state that the
// connector receives, as JSON. They are empty if saved is nil.
func (c *check) resume(of *source, saved []byte) map[string]json.RawMessage {
	found := map[string]json.RawMessage{}
	probe := newSource(&script{
		schema: of.script.schema,
		sync: func(_ context.Context, _ *source, st state.State, _ connector.Emitter) error {
			text, err := st.MarshalJSON()
			if err != nil {
				return err
			}
			return json.Unmarshal(text, &found)
		},
	})
	c.succeed(call{source: probe, request: Request{Configuration: []byte(configured), State: saved}, lasting: true})
	return found
}

// positions starts a sync from a state and returns the cursor of each table.
func (c *check) positions(of *source, saved []byte) map[string]int64 {
	all := map[string]int64{}
	for name, part := range c.resume(of, saved) {
		var cursor struct{ Cursor int64 }
		if json.Unmarshal(part, &cursor) == nil {
			all[name] = cursor.Cursor
		}
	}
	return all
}

// covered reports states that cover rows that did not arrive before them. It
// requires that the cursor of each table holds the id of a row.
func (c *check) covered(s *source, a *answer) {
	delivered := map[string]int64{}
	known := map[string]map[string]int64{}
	for _, e := range a.of(Row, State) {
		if e.Kind == Row {
			var row struct {
				ID int64 `json:"id"`
			}
			_, table, _ := strings.Cut(e.Table, ".")
			if e.Op == host.OpUpsert && json.Unmarshal(e.Row, &row) == nil {
				delivered[table] = max(delivered[table], row.ID)
			}
			continue
		}
		at, ok := known[string(e.State)]
		if !ok {
			at = c.positions(s, e.State)
			known[string(e.State)] = at
		}
		for table, id := range at {
			if id > delivered[table] {
				c.broken("a state covers row %d of table %s, but only the rows up to %d arrived before it", id, table, delivered[table])
				return
			}
		}
	}
}
