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

// counts returns a connector that delivers rows up to 20 from a cursor on.
func counts(checkpoints bool, opts ...state.Option) *planned {
	return &planned{
		tables: []schema.Table{plannedTable("t")},
		sync: func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "t", opts...)
			for id := cursor.Start(); id < 20; id++ {
				if err := out.Upsert("t", map[string]any{"id": id}); err != nil {
					return err
				}
				cursor.Advance(id)
				if checkpoints {
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

func TestATableWhosePositionIsSavedOnlyAtItsEndIsLogged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		connector connector.Connector
		want      string
	}{
		"a sorted source":   {counts(true, state.Sorted()), ""},
		"an unsorted one":   {counts(true), "table s.t: none of the 19 checkpoints among its 20 rows saves a new position of the table, so a sync that is interrupted there reads the table from its start again: if the source returns its rows sorted by the cursor's value, pass state.Sorted to the cursor"},
		"no checkpoints":    {counts(false, state.Sorted()), "table s.t: there is no checkpoint of the table among its 20 rows"},
		"always everything": {&planned{tables: []schema.Table{plannedTable("t")}, sync: func(_ context.Context, _ state.State, out connector.Emitter) error { return nil }}, ""},
	} {
		r := connectortest.Record(t, test.connector, connectortest.Only(connectortest.RuleNames(), "Progress"))["Progress"]
		assert.Empty(t, r.Failures, name)
		assert.Contains(t, strings.Join(r.Logs, "\n"), test.want, name)
		assert.Equal(t, test.want == "", len(r.Logs) == 0, "%s: %s", name, r.Logs)
	}
}

func TestAPositionInTheSharedPartThatWaitsForOtherTablesIsLogged(t *testing.T) {
	t.Parallel()
	c := &planned{
		tables: []schema.Table{plannedTable("a"), plannedTable("b")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			for _, name := range []string{"a", "b"} {
				tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
					from := 0
					if _, err := st.Shared().Get(name, &from); err != nil {
						return err
					}
					for id := from; id < 20; id++ {
						if err := out.Upsert(name, map[string]any{"id": id}); err != nil {
							return err
						}
						if err := errors.Join(st.Shared().Set(name, id), out.Checkpoint()); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return tables.Sync(ctx, st, out)
		},
	}
	reports := connectortest.Record(t, c, onlyRules(connectortest.RuleNames(), "Progress", "Reselection")...)
	assert.Empty(t, reports["Progress"].Failures)
	assert.Contains(t, strings.Join(reports["Progress"].Logs, "\n"), "is in the shared part of the state, which is saved when the whole sync ends")
	assert.Contains(t, reports["Reselection"].String(), "State.Missed")
}

// Tables are read at the same time, so that the checkpoints of one are among the rows of
// another.
func TestAForgottenCheckpointIsLoggedForEachOfSeveralTables(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d"}
	c := &planned{sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		turn := make([]chan struct{}, len(names)) // the tables deliver one row each in turn
		for i := range turn {
			turn[i] = make(chan struct{}, 1)
		}
		turn[0] <- struct{}{}
		var tables connector.Tables
		for i, name := range names {
			tables.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
				opts := []state.Option{state.Sorted(), state.Key("cursor")}
				if name == "c" {
					opts = nil
				}
				cursor := state.NewCursor[int64](st, name, opts...)
				for id := int64(1); id <= 20; id++ {
					<-turn[i]
					if id >= cursor.Start() {
						if err := out.Upsert(name, map[string]any{"id": id}); err != nil {
							return err
						}
						if name == "b" {
							if err := out.Upsert("items", map[string]any{"id": id}); err != nil {
								return err
							}
						}
						cursor.Advance(id)
						if name == "a" || name == "c" {
							if err := out.Checkpoint(); err != nil {
								return err
							}
						}
					}
					turn[(i+1)%len(turn)] <- struct{}{}
				}
				return nil
			})
		}
		return tables.Sync(ctx, st, out)
	}}
	for _, name := range names {
		c.tables = append(c.tables, plannedTable(name))
	}
	c.tables = append(c.tables, plannedTable("items").Following("b"))
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Progress"))["Progress"]
	assert.Empty(t, r.Failures)
	logs := strings.Join(r.Logs, "\n")
	assert.NotContains(t, logs, "table s.a:")
	assert.NotContains(t, logs, "table s.items:", "it has the position of b")
	for _, name := range []string{"b", "d"} {
		assert.Contains(t, logs, "table s."+name+": there is no checkpoint of the table among its 20 rows")
	}
	assert.Contains(t, logs, "table s.c: none of the")
	assert.Contains(t, logs, "pass state.Sorted to the cursor")
}
