package host_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// warningsOf returns the warnings of a sync and the last state.
func warningsOf(t *testing.T, c connector.Connector, req host.SyncRequest) (warnings []string, last string) {
	t.Helper()
	err := fixture.Sync(t, c, req, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpWarning:
			warnings = append(warnings, op.Message)
		case host.OpCheckpoint:
			last = string(op.State)
		}
		return nil
	})
	require.NoError(t, err)
	return warnings, last
}

// Otherwise, each sync would deliver all rows again, and nothing would say so.
func TestTheUserIsWarnedOfACursorThatNeverMoves(t *testing.T) {
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	const again = "table wide.a: 2 rows were delivered, but its cursor never moved: the next sync reads everything again; "
	forgotten := []string{again + "call Advance after each row"}
	zero := []string{again + "Advance was called with zero values only, which it ignores, so check where they come from, such as an error of time.Parse"}
	for name, test := range map[string]struct {
		from    string
		rows    int
		advance func(st state.State)
		want    []string
	}{
		"Advance is forgotten": {rows: 2, advance: func(st state.State) { state.NewCursor[time.Time](st, "a") }, want: forgotten},
		"the cursor has a start": {rows: 2, advance: func(st state.State) {
			state.NewCursor[time.Time](st, "a", state.StartAt(day), state.Sorted())
		}, want: forgotten},
		"the layout of a time is wrong": {rows: 2, advance: func(st state.State) {
			at, _ := time.Parse(time.DateOnly, "01.05.2026")
			state.NewCursor[time.Time](st, "a").Advance(at)
		}, want: zero},
		"the field has another name": {rows: 2, advance: func(st state.State) { state.NewCursor[int64](st, "a").AdvanceNullable(nil) }, want: zero},
		"the cursor of another table moves": {rows: 2, advance: func(st state.State) {
			state.NewCursor[int64](st, "a")
			state.NewCursor[int64](st, "b").Advance(1)
		}, want: forgotten},

		"the cursor moves": {rows: 2, advance: func(st state.State) {
			cursor := state.NewCursor[time.Time](st, "a")
			cursor.Advance(time.Time{})
			cursor.Advance(day)
		}},
		"the cursor stays one value behind": {rows: 2, advance: func(st state.State) { state.NewCursor[time.Time](st, "a", state.Exclusive()).Advance(day) }},
		"the cursor stays at its position":  {from: `{"a":{"cursor":5}}`, rows: 2, advance: func(st state.State) { state.NewCursor[int64](st, "a") }},
		"there are no rows":                 {advance: func(st state.State) { state.NewCursor[time.Time](st, "a") }},
		"there is no cursor":                {rows: 2, advance: func(state.State) {}},
		"the cursor is one of tokens":       {rows: 2, advance: func(st state.State) { state.NewCursor[state.Token](st, "a") }},
		"the table has partitions":          {rows: 2, advance: func(st state.State) { state.NewPartitions[int64](st, "a", 10).Cursor("x") }},
		"another cursor moves": {rows: 2, advance: func(st state.State) {
			state.NewCursor[int64](st, "a")
			state.NewCursor[int64](st, "a", state.Key("other")).Advance(1)
		}},
		"the position is a value of the part": {rows: 2, advance: func(st state.State) {
			state.NewCursor[int64](st, "a")
			_ = st.Table("a").Set("page", 2)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
				for i := range int64(test.rows) {
					if err := out.Upsert("a", id(i)); err != nil {
						return err
					}
				}
				test.advance(st)
				return nil
			}}
			got, last := warningsOf(t, c, host.SyncRequest{State: []byte(test.from)})
			assert.Equal(t, test.want, got)
			assert.NotEmpty(t, last)
		})
	}
}

func TestTheWarningOfACursorThatNeverMovesCountsOneRow(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		state.NewCursor[int64](st, "a")
		return out.Upsert("a", id(1))
	}}
	got, _ := warningsOf(t, c, host.SyncRequest{})
	assert.Equal(t, []string{"table wide.a: 1 row was delivered, but its cursor never moved: the next sync reads everything again; call Advance after each row"}, got)
}
