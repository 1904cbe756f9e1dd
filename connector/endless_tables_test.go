package connector_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func queueName(i int) string { return fmt.Sprintf("queue_%02d", i) }

// queues returns a connector of n tables that never end. Each table has a new row
// every ten seconds. The tables are added by add, a method of Tables.
func queues(n int, add func(t *connector.Tables, table string, sync connector.TableFunc)) *scripted {
	c := &scripted{sync: func(ctx context.Context, _ *scripted, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		for i := range n {
			add(&tables, queueName(i), func(ctx context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, queueName(i), state.Sorted())
				for id := cursor.Start(); ; id++ {
					if err := out.Upsert(queueName(i), map[string]any{"id": id}); err != nil {
						return err
					}
					cursor.Advance(id)
					if err := out.Checkpoint(); err != nil {
						return err
					}
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(10 * time.Second):
					}
				}
			})
		}
		return tables.Sync(ctx, st, out)
	}}
	for i := range n {
		c.tables = append(c.tables, idTable(queueName(i)))
	}
	return c
}

// Some cases have more tables than Tables reads at a time.
func TestEachEndlessTableBeginsOrIsNamedInAWarning(t *testing.T) {
	for _, n := range []int{3, 6, 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				rows, said := map[string]int{}, []string{}
				_ = syncInto(ctx, t, queues(n, (*connector.Tables).Add), "", slog.DiscardHandler, func(op *host.Operation) error {
					switch op.Kind {
					case host.OpUpsert:
						rows[op.Table.Name]++
					case host.OpWarning:
						said = append(said, op.Message)
					}
					return nil
				})
				if n <= 4 {
					assert.Empty(t, said)
				} else {
					require.Len(t, said, 1)
					assert.Contains(t, said[0], "connector.Tables.AddEndless")
				}
				for _, table := range queues(n, (*connector.Tables).Add).tables {
					assert.NotEqual(t, rows[table.Name] > 0, strings.Contains(fmt.Sprint(said), table.Name), "table %s begins or is named", table.Name)
				}
			})
		})
	}
}

func TestTablesAddedAsEndlessAllBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute-time.Second)
		defer cancel()
		rows, last := map[string]int{}, ""
		err := syncInto(ctx, t, queues(20, (*connector.Tables).AddEndless), "", slog.DiscardHandler, func(op *host.Operation) error {
			switch op.Kind {
			case host.OpUpsert:
				rows[op.Table.Name]++
			case host.OpCheckpoint:
				last = string(op.State)
			case host.OpWarning:
				t.Errorf("warning: %s", op.Message)
			}
			return nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, rows, 20)
		for table, n := range rows {
			assert.Equal(t, 60, n)
			assert.Contains(t, last, fmt.Sprintf(`"%s":{"cursor":%d}`, table, n-1))
		}
	})
}

// Each table of a large database has one row.
func TestTheCostOfASyncGrowsNoFasterThanTheNumberOfTables(t *testing.T) {
	numbered := func(i int) schema.Table {
		table := idTable(fmt.Sprintf("table_%d", i))
		table.Schema = "s"
		return table
	}
	work := func(t testing.TB, n int, declared bool) float64 {
		t.Helper()
		c := &scripted{tables: []schema.Table{{Name: "first"}}, sync: func(_ context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
			for i := range n {
				if declared {
					if err := out.Declare(numbered(i)); err != nil {
						return err
					}
				}
				if err := out.Upsert(fmt.Sprintf("table_%d", i), map[string]any{"id": 1}); err != nil {
					return err
				}
			}
			return nil
		}}
		for i := range n {
			if !declared {
				c.tables = append(c.tables, numbered(i))
			}
		}
		return allocated(func() { assert.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, discard)) })
	}
	for name, declared := range map[string]bool{"in the schema": false, "declared on the way": true} {
		t.Run(name, func(t *testing.T) {
			work(t, 100, declared) // one-time allocations
			few, many := work(t, 1000, declared), work(t, 4000, declared)
			assert.LessOrEqual(t, many/few, 8.0, "bytes for 4 times the tables: %.1f MB after %.1f MB", many/1e6, few/1e6)
		})
	}
}
