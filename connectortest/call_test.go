package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// counter is a connector whose source is the numbers up to a limit.
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

func TestSyncCapturesWhatIsDelivered(t *testing.T) {
	first := connectortest.Sync(t, &counter{Limit: 3})
	assert.Equal(t, []number{{1}, {2}, {3}}, connectortest.Rows[number](t, first, "numbers"))
	assert.Len(t, first.Deletes("numbers"), 1)
	assert.Len(t, first.States(), 4, "one for each row, and the last")
	assert.JSONEq(t, `{"numbers":{"cursor":3}}`, string(first.State))
	assert.Empty(t, first.Rows("others"))
}

func TestSyncGoesOnFromAState(t *testing.T) {
	first := connectortest.Sync(t, &counter{Limit: 3})
	second := connectortest.Sync(t, &counter{Limit: 4}, connectortest.From(first.State))
	assert.Equal(t, []number{{3}, {4}}, connectortest.Rows[number](t, second, "numbers"))
}

func TestSyncObeysASelection(t *testing.T) {
	selection, err := stdin.ParseSelection([]byte(`{"math":{"numbers":false}}`))
	require.NoError(t, err)
	assert.Empty(t, connectortest.Sync(t, &counter{Limit: 3}, connectortest.Select(selection)).Rows("numbers"))
}

func TestTrySyncReturnsTheErrorBesideWhatWasDelivered(t *testing.T) {
	boom := errors.New("boom")
	r, err := connectortest.TrySync(t, &counter{Limit: 2, Fail: boom}, connectortest.With(host.CheckpointEvery(0, 1)))
	require.ErrorIs(t, err, boom)
	assert.Len(t, r.Rows("numbers"), 2)
	_, err = connectortest.TrySync(t, &counter{})
	assert.Equal(t, connector.Configuration, connector.KindOf(err), "limit is required")
}

// exampleTB stands in for the *testing.T that a test has.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper() {}

func (exampleTB) Context() context.Context { return context.Background() }

func (exampleTB) Output() io.Writer { return io.Discard }

func (exampleTB) Fatalf(s string, a ...any) { panic(fmt.Sprintf(s, a...)) }

func ExampleSync() {
	t := exampleTB{} // a test's own t

	first := connectortest.Sync(t, &counter{Limit: 2})
	fmt.Println(connectortest.Rows[number](t, first, "numbers"), string(first.State))

	second := connectortest.Sync(t, &counter{Limit: 3}, connectortest.From(first.State))
	fmt.Println(connectortest.Rows[number](t, second, "numbers"), string(second.State))
	// Output:
	// [{1} {2}] {"numbers":{"cursor":2}}
	// [{2} {3}] {"numbers":{"cursor":3}}
}

func TestRowsOfTablesOfOneNameAreToldApartByTheirSchemas(t *testing.T) {
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
