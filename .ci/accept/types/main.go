// Command types is a connector for the acceptance tests. Its source has two states, and its
// rows contain values that a platform or a target may alter: the limits of each type, digits
// that a float cannot hold, control characters and nested JSON.
package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func main() { penstock.Main(&Connector{Step: 1}) }

// A Connector reads the rows that [changes] and [snapshots] hold.
type Connector struct {
	Step   int    `json:"step" jsonschema:"title=Step,minimum=1,maximum=2,description=The state of the source: 2 has later changes than 1"`
	Reader string `json:"reader,omitempty" jsonschema:"title=Reader,enum=postgres,enum=pyairbyte,description=Leave out what this reader cannot store"`
}

// A Value is a row of values. The table has all types of columns and a composite key.
type Value struct {
	ID       int64           `json:"id" schema:"primary_key"`
	Part     string          `json:"part" schema:"primary_key"`
	Boolean  *bool           `json:"c_boolean"`
	Short    *int16          `json:"c_short"`
	Int      *int32          `json:"c_int"`
	Long     *int64          `json:"c_long"`
	Float    *float32        `json:"c_float"`
	Double   *float64        `json:"c_double"`
	Decimal  *schema.Decimal `json:"c_decimal"`
	Date     *time.Time      `json:"c_naive_date" schema:"type=NAIVE_DATE"`
	Datetime *time.Time      `json:"c_naive_datetime" schema:"type=NAIVE_DATETIME"`
	Instant  *time.Time      `json:"c_utc_datetime"`
	Binary   []byte          `json:"c_binary"`
	XML      *string         `json:"c_xml" schema:"type=XML"`
	String   *string         `json:"c_string"`
	JSON     json.RawMessage `json:"c_json"`
	Object   map[string]any  `json:"c_object"`
	Array    []any           `json:"c_array"`
	Group    *string         `json:"group"` // a reserved word of SQL
}

// An Event is a row of events, which has no primary key.
type Event struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// An Entry is a row of snapshot. Each sync replaces the whole table.
type Entry struct {
	ID   int64  `json:"id" schema:"primary_key"`
	Text string `json:"text"`
}

// Schema returns the tables.
func (c *Connector) Schema(context.Context) (schema.Schema, error) {
	return schema.New("types",
		schema.TableOf[Value]("values"),
		schema.TableOf[Event]("events"),
		schema.TableOf[Entry]("snapshot"),
	)
}

// Test always succeeds.
func (c *Connector) Test(context.Context) error { return nil }

// Sync delivers the changes since the last sync, and the whole snapshot.
func (c *Connector) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	for _, table := range []string{"values", "events"} {
		tables.Add(table, func(_ context.Context, st state.State, out connector.Emitter) error {
			return c.deliver(table, st, out)
		})
	}
	tables.Add("snapshot", c.replace)
	return tables.Sync(ctx, st, out)
}

// deliver delivers the changes of a table. The cursor is the number of the last change, so
// that no change is delivered twice: events has no key that would remove a second copy.
func (c *Connector) deliver(table string, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, table, state.Sorted())
	emit := map[string]func(string, any) error{"upsert": out.Upsert, "update": out.Update, "delete": out.Delete}
	for i, change := range changes {
		number := int64(i) + 1
		if change.table != table || change.step > c.Step || number <= cursor.Start() || c.Reader != "" && change.notFor == c.Reader {
			continue
		}
		op, row := change.op, change.row
		if op == "update" && !out.TakesUpdates() {
			op, row = "upsert", change.whole
		}
		if err := emit[op](table, []byte(row)); err != nil {
			return err
		}
		cursor.Advance(number)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// replace delivers the snapshot.
func (c *Connector) replace(_ context.Context, _ state.State, out connector.Emitter) error {
	if err := out.Truncate("snapshot"); err != nil {
		return err
	}
	for _, row := range snapshots[c.Step-1] {
		if err := out.Upsert("snapshot", row); err != nil {
			return err
		}
	}
	return nil
}
