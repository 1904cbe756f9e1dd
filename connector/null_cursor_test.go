package connector_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type updatedRow struct {
	ID      int        `json:"id" schema:"primary_key"`
	Updated *time.Time `json:"updated_at"`
}

func updatedAt(id, hour int) updatedRow {
	at := time.Date(2026, 1, 1, hour, 0, 0, 0, time.UTC)
	return updatedRow{id, &at}
}

func neverUpdated(id int) updatedRow { return updatedRow{ID: id} }

// byUpdate returns a connector that delivers rows and advances a cursor after each
// row.
func byUpdate(rows []updatedRow, opts ...state.Option) *scripted {
	return &scripted{
		tables: []schema.Table{schema.TableOf[updatedRow]("t")},
		sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[time.Time](st, "t", opts...)
			for _, r := range rows {
				if err := out.Upsert("t", &r); err != nil {
					return err
				}
				var updated time.Time // the value that a decoder leaves for null
				if r.Updated != nil {
					updated = *r.Updated
				}
				cursor.Advance(updated)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// Some databases and APIs sort nulls first, others last.
func TestARowWithoutACursorValueIsDeliveredAndDoesNotMoveTheCursor(t *testing.T) {
	first, second := updatedAt(1, 1), updatedAt(2, 2)
	sorted := []state.Option{state.Sorted()}
	for _, c := range []struct {
		name string
		opts []state.Option
		rows []updatedRow
	}{
		{"sorted, last", sorted, []updatedRow{first, second, neverUpdated(3), neverUpdated(4)}},
		{"sorted, first", sorted, []updatedRow{neverUpdated(3), first, second}},
		{"sorted, in the middle", sorted, []updatedRow{first, neverUpdated(3), second}},
		{"unsorted, in the middle", nil, []updatedRow{first, neverUpdated(3), second}},
		{"unsorted, alone", nil, []updatedRow{neverUpdated(1)}},
		{"sorted, alone", sorted, []updatedRow{neverUpdated(1), neverUpdated(2)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := connectortest.TrySync(t, byUpdate(c.rows, c.opts...))
			assert.NoError(t, err)
			assert.Len(t, r.Rows("t"), len(c.rows))
		})
	}
}

func TestASyncContinuesPastRowsWithoutACursorValue(t *testing.T) {
	c := byUpdate([]updatedRow{updatedAt(1, 1), updatedAt(2, 2), neverUpdated(3), neverUpdated(4)}, state.Sorted())
	first, _ := connectortest.TrySync(t, c)
	_, err := connectortest.TrySync(t, c, connectortest.From(first.State))
	assert.NoError(t, err, "the last row is never delivered")
}
