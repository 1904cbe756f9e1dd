package connectortest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// ofTables returns a connector whose tables a and b have functions.
func ofTables(a, b connector.TableFunc) *planned {
	return &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("a", a)
			if b != nil {
				tables.Add("b", b)
			}
			return tables.Sync(ctx, st, out)
		},
	}
}

// deliverTen returns a function that delivers ten rows from a position on.
func deliverTen(table string, from func(state.State) (int64, func(int64) error)) connector.TableFunc {
	return func(_ context.Context, st state.State, out connector.Emitter) error {
		first, save := from(st)
		for id := max(first, 1); id <= 10; id++ {
			if err := errors.Join(out.Upsert(table, map[string]any{"id": id}), save(id), out.Checkpoint()); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestATableWithACursorThatNeverMovesFails(t *testing.T) {
	t.Parallel()
	none := func(int64) error { return nil }
	advance := func(cursor *state.Cursor[int64]) func(int64) error {
		return func(id int64) error {
			cursor.Advance(id)
			return nil
		}
	}
	for name, test := range map[string]struct {
		from func(state.State) (int64, func(int64) error)
		want string // a part of the failure
		log  string
	}{
		"a cursor that moves": {func(st state.State) (int64, func(int64) error) {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			return cursor.Start(), advance(cursor)
		}, "", ""},
		"no cursor": {func(state.State) (int64, func(int64) error) { return 0, none },
			"", "table s.a is read in full in each sync (10 rows)"},
		"a cursor that is never advanced": {func(st state.State) (int64, func(int64) error) {
			return state.NewCursor[int64](st, "a", state.Sorted()).Start(), none
		}, "table s.a: the sync delivered 10 rows, but the cursor of the table never moved, so the next sync reads everything again", ""},
		"an unsorted cursor that is never advanced": {func(st state.State) (int64, func(int64) error) {
			return state.NewCursor[int64](st, "a").Start(), none
		}, "the cursor of the table never moved", ""},
		"partitions that are never advanced": {func(st state.State) (int64, func(int64) error) {
			return state.NewPartitions[int64](st, "a", 5).Cursor("p").Start(), none
		}, "the cursor of the table never moved", ""},
		"one of two cursors": {func(st state.State) (int64, func(int64) error) {
			state.NewCursor[int64](st, "a", state.Key("deletes"))
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			return cursor.Start(), advance(cursor)
		}, "", ""},
		"a position besides the cursor": {func(st state.State) (int64, func(int64) error) {
			state.NewCursor[int64](st, "a", state.Key("deletes"))
			return 0, func(id int64) error { return st.Table("a").Set("loaded", true) }
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := deliverTen("b", func(st state.State) (int64, func(int64) error) {
				cursor := state.NewCursor[int64](st, "b", state.Sorted())
				return cursor.Start(), advance(cursor)
			})
			r := connectortest.Record(t, ofTables(deliverTen("a", test.from), b), connectortest.Only(connectortest.RuleNames(), "Incremental"))["Incremental"]
			assert.Equal(t, test.want != "", r.Failed(), "%v", r)
			assert.Contains(t, r.String(), test.want)
			assert.Contains(t, strings.Join(r.Logs, "\n"), test.log)
			assert.Equal(t, test.log != "", len(r.Logs) > 0, "%v", r.Logs)
		})
	}
}

func TestADeclaredTableThatNothingReadsFails(t *testing.T) {
	t.Parallel()
	a := func(context.Context, state.State, connector.Emitter) error { return nil }
	const isEmpty, isUnread = "table s.b: the source has no rows", "table s.b is declared, but no function reads it"
	for name, test := range map[string]struct {
		connector *planned
		log, want string
	}{
		"a function for each": {ofTables(a, a), isEmpty, ""},
		"no function":         {ofTables(a, nil), "", isUnread},
		"a warning": {ofTables(func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Warn("B is not permitted")
		}, nil), "never named it", ""},
		"its state is used": {ofTables(func(_ context.Context, st state.State, _ connector.Emitter) error {
			st.Table("b")
			return nil
		}, nil), isEmpty, ""},
		"a question about the selection": {ofTables(func(_ context.Context, _ state.State, out connector.Emitter) error {
			out.Selected("b")
			return nil
		}, nil), isEmpty, ""},
		"a truncate": {ofTables(func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Truncate("b") }, nil), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := connectortest.Record(t, test.connector, connectortest.Only(connectortest.RuleNames(), "Sync"))["Sync"]
			assert.Equal(t, test.want != "", r.Failed(), "%v", r)
			assert.Contains(t, r.String(), test.want)
			assert.Contains(t, strings.Join(r.Logs, "\n"), test.log)
		})
	}
	// A warning of the runtime does not say that the table is left out.
	warned := ofTables(func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", map[string]any{"id": 1, "b": "\xff"})
	}, nil)
	warned.tables[0] = plannedTable("a", schema.Column{Name: "b", Type: schema.TypeString})
	assert.Contains(t, connectortest.Record(t, warned, connectortest.Only(connectortest.RuleNames(), "Sync"))["Sync"].String(), isUnread)
	// A table that follows another one needs no function of its own.
	c := ofTables(a, nil)
	c.tables[1] = c.tables[1].Following("a")
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Sync"))["Sync"]
	assert.Empty(t, r.Failures)
	assert.Contains(t, strings.Join(r.Logs, "\n"), isEmpty)
}
