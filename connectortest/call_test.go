package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type number struct {
	N int64 `json:"n" schema:"primary_key"`
}

// counter is a connector whose source is the numbers from 1 to a limit.
type counter struct {
	Limit int64 `json:"limit"`
	Fail  error `json:"-"`
}

func (c *counter) Schema(context.Context) (schema.Schema, error) {
	return schema.New("math", schema.TableOf[number]("numbers"))
}

func (c *counter) Test(context.Context) error { return nil }

func (c *counter) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[int64](st, "numbers", state.Sorted())
	for n := max(cursor.Start(), 1); n <= c.Limit; n++ {
		if err := out.Upsert("numbers", number{n}); err != nil {
			return err
		}
		cursor.Advance(n)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	if err := out.Delete("numbers", number{0}); err != nil {
		return err
	}
	return c.Fail
}

func TestSyncReturnsTheOperations(t *testing.T) {
	first := connectortest.Sync(t, &counter{Limit: 3})
	assert.Equal(t, []number{{1}, {2}, {3}}, connectortest.Rows[number](t, first, "numbers"))
	assert.Len(t, first.Deletes("numbers"), 1)
	assert.Len(t, first.States(), 4, "one for each row, and the last")
	assert.JSONEq(t, `{"numbers":{"cursor":3}}`, string(first.State))
	assert.Empty(t, first.Rows("others"))
}

func TestSyncResumesFromAState(t *testing.T) {
	first := connectortest.Sync(t, &counter{Limit: 3})
	second := connectortest.Sync(t, &counter{Limit: 4}, connectortest.From(first.State))
	assert.Equal(t, []number{{3}, {4}}, connectortest.Rows[number](t, second, "numbers"))
}

func TestSyncObeysASelection(t *testing.T) {
	selection, err := stdin.ParseSelection([]byte(`{"math":{"numbers":false}}`))
	require.NoError(t, err)
	assert.Empty(t, connectortest.Sync(t, &counter{Limit: 3}, connectortest.Select(selection)).Rows("numbers"))
}

func TestTrySyncReturnsTheErrorAndTheOperations(t *testing.T) {
	boom := errors.New("boom")
	r, err := connectortest.TrySync(t, &counter{Limit: 2, Fail: boom}, connectortest.With(host.CheckpointEvery(0, 1)))
	require.ErrorIs(t, err, boom)
	assert.Len(t, r.Rows("numbers"), 2)
	_, err = connectortest.TrySync(t, &counter{})
	assert.Equal(t, connector.Configuration, connector.KindOf(err), "limit is required")
}

func TestTheSchemaDistinguishesTablesWithTheSameName(t *testing.T) {
	table := func(schemaName string) schema.Table {
		return schema.Table{Schema: schemaName, Name: "people", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	}
	r := connectortest.Sync(t, &script{
		tables: []schema.Table{table("s")},
		sync: func(_ state.State, out connector.Emitter) error {
			return errors.Join(
				out.Declare(table("hr")),
				out.Upsert("s.people", raw(`{"id":1}`)),
				out.Upsert("hr.people", raw(`{"id":2}`)),
			)
		},
	})
	connectortest.AssertRows(t, r, "hr.people", `[{"id":2}]`)
	connectortest.AssertRows(t, r, "s.people", `[{"id":1}]`)
	connectortest.AssertRows(t, r, "people", `[{"id":1},{"id":2}]`)
}

func TestResultListsRefusedRows(t *testing.T) {
	r := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
		for range 2 {
			_ = out.Upsert("keyed", raw(`{"id":"none"}`))
		}
		return nil
	}})
	require.Len(t, r.Refused, 1)
	assert.Equal(t, "s.keyed", r.Refused[0].Table.String())
	assert.EqualValues(t, 2, r.Refused[0].Count)
	assert.Contains(t, r.Refused[0].First, "table s.keyed, column id")
	assert.Empty(t, connectortest.Sync(t, &counter{Limit: 1}).Refused)
}

func TestResultListsRowsOfUnknownTables(t *testing.T) {
	r := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
		_ = out.Upsert("typo", raw(`{"id":1}`))
		return nil
	}})
	require.Len(t, r.Refused, 1)
	assert.Equal(t, "typo", r.Refused[0].Table.String())
	assert.Contains(t, r.Refused[0].First, `table "typo" is not in the schema`)
}

func TestOperationsStayValid(t *testing.T) {
	r := connectortest.Sync(t, &counter{Limit: 2})
	require.Equal(t, host.OpUpsert, r.Operations[0].Kind)
	assert.JSONEq(t, `{"n":1}`, string(r.Operations[0].Row))
	assert.Equal(t, "math.numbers", r.Operations[0].Table.String())
}

// opened is a connector that must be opened, and whose Test needs its source.
type opened struct {
	library
	isOpen bool
}

func (c *opened) Open(context.Context) error {
	c.isOpen = true
	return nil
}

func (c *opened) Test(ctx context.Context) error {
	if !c.isOpen {
		return errors.New("not open")
	}
	return c.library.Test(ctx)
}

func TestSchemaAndTestRunAsOnAPlatform(t *testing.T) {
	api := connectortest.Source(func() http.Handler { return source{key: "key-0123456789"} })
	tables := connectortest.Schema(t, &opened{library: library{APIKey: "key-0123456789"}}, api).Tables()
	require.Len(t, tables, 1)
	assert.Equal(t, "shop.accounts", tables[0].String())

	require.NoError(t, connectortest.Test(t, &opened{library: library{APIKey: "key-0123456789"}}, api))
	err := connectortest.Test(t, &opened{library: library{APIKey: "wrong-0123456789"}}, api)
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	err = connectortest.Test(t, &opened{}, api)
	assert.ErrorContains(t, err, "api_key", "a required field is missing")

	panicking := &panicking{}
	assert.ErrorContains(t, connectortest.Test(t, panicking), "panic")
	fake := &fakeTB{TB: t}
	assert.PanicsWithValue(t, true, func() {
		defer func() { panic(strings.HasPrefix(fmt.Sprint(recover()), "Schema failed (kind defect): ")) }()
		connectortest.Schema(fake, panicking)
	})
}

// panicking is a connector whose methods panic.
type panicking struct{}

func (*panicking) Schema(context.Context) (schema.Schema, error)              { panic("no schema") }
func (*panicking) Test(context.Context) error                                 { panic("no test") }
func (*panicking) Sync(context.Context, state.State, connector.Emitter) error { panic("no sync") }
