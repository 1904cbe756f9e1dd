package host_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// tableNames returns the names of n tables.
func tableNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("t%05d", i)
	}
	return names
}

// A manyTablesSync is a sync that reads the last of many tables.
type manyTablesSync struct {
	state  state.State
	out    connector.Emitter
	tables []string
	costs  []time.Duration // of 1,000 rows
}

func (m *manyTablesSync) last() string { return m.tables[len(m.tables)-1] }

// rows delivers rows. It makes a checkpoint after each if checkpoints is true.
func (m *manyTablesSync) rows(out connector.Emitter, checkpoints bool) error {
	for range 7 {
		began := growth.ProcessorTime()
		for n := range int64(1_000) {
			if err := out.Upsert(m.last(), id(n)); err != nil {
				return err
			}
			if !checkpoints {
				continue
			}
			if err := m.state.Table(m.last()).Set("n", n); err != nil {
				return err
			}
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		m.costs = append(m.costs, growth.ProcessorTime()-began)
	}
	return nil
}

// setParts gives each table a part of the state.
func (m *manyTablesSync) setParts() error {
	for _, name := range m.tables {
		if err := m.state.Table(name).Set("n", 1); err != nil {
			return err
		}
	}
	return nil
}

// fail makes the state of a table have an error, which the connector ignores.
func (m *manyTablesSync) fail(table string) {
	_ = m.out.SyncTables(func(out connector.Emitter) error {
		cursor := state.NewCursor[int64](m.state, table, state.Sorted())
		cursor.Advance(5)
		cursor.Advance(3)
		return out.Upsert(table, id(1))
	}, table)
}

// replaceTables replaces the tables by ones that are not in the schema. It returns their
// names, and a function that declares them.
func (m *manyTablesSync) replaceTables() (names []string, declare func() error) {
	for i := range m.tables {
		m.tables[i] += "late"
	}
	return m.tables, func() error {
		for _, name := range m.tables {
			if err := m.out.Declare(schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestTheTimeForARowDoesNotDependOnTheNumberOfTablesOfItsEmitter(t *testing.T) {
	const failing = "failing"
	for name, read := range map[string]func(m *manyTablesSync) error{
		"a call with a checkpoint after each row": func(m *manyTablesSync) error {
			return m.out.SyncTables(func(out connector.Emitter) error { return m.rows(out, true) }, m.tables...)
		},
		"a call, and each table has a part": func(m *manyTablesSync) error {
			return m.out.SyncTables(func(out connector.Emitter) error {
				if err := m.setParts(); err != nil {
					return err
				}
				return m.rows(out, true)
			}, m.tables...)
		},
		"a scope": func(m *manyTablesSync) error { return m.rows(m.out.Scope(m.tables...), true) },
		"a scope, and each table has a part": func(m *manyTablesSync) error {
			if err := m.setParts(); err != nil {
				return err
			}
			return m.rows(m.out.Scope(m.tables...), true)
		},
		"a scope in a call": func(m *manyTablesSync) error {
			return m.out.SyncTables(func(out connector.Emitter) error { return m.rows(out.Scope(m.tables...), true) }, m.tables...)
		},
		"a scope of tables that are declared later": func(m *manyTablesSync) error {
			names, declare := m.replaceTables()
			scope := m.out.Scope(names...)
			if err := declare(); err != nil {
				return err
			}
			return m.rows(scope, true)
		},
		"a call after a fault of another table": func(m *manyTablesSync) error {
			m.fail(failing)
			return m.out.SyncTables(func(out connector.Emitter) error { return m.rows(out, false) }, m.tables...)
		},
		"a scope after a fault of another table": func(m *manyTablesSync) error {
			m.fail(failing)
			return m.rows(m.out.Scope(m.tables...), false)
		},
		"a call with checkpoints after a fault of another table": func(m *manyTablesSync) error {
			m.fail(failing)
			return m.out.SyncTables(func(out connector.Emitter) error { return m.rows(out, true) }, m.tables...)
		},
		"the sync after faults of other tables": func(m *manyTablesSync) error {
			for _, name := range m.tables[:len(m.tables)-1] {
				m.fail(name)
			}
			return m.rows(m.out, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			growth.AssertConstant(t, 20, 2_000, func(n int) time.Duration {
				shortest := time.Hour
				c := &fixture.Wide{Names: append(tableNames(n), failing)}
				c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
					m := &manyTablesSync{state: st, out: out, tables: tableNames(n)}
					err := read(m)
					for _, c := range m.costs {
						shortest = min(shortest, c)
					}
					return err
				}
				require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard, host.CheckpointEvery(time.Hour, 1<<40)))
				return shortest
			})
		})
	}
}

func TestTheTimeForACallIsLinearInTheNumberOfTablesWithACheckpointAfterEach(t *testing.T) {
	growth.AssertLinear(t, 250, func(n int) func() {
		c := &fixture.Wide{Names: tableNames(n), OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.SyncTables(func(out connector.Emitter) error {
				for _, name := range tableNames(n) {
					if err := out.Upsert(name, id(1)); err != nil {
						return err
					}
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
				return nil
			}, tableNames(n)...)
		}}
		return func() { require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, fixture.Discard)) }
	})
}
