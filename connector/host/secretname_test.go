package host_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A named source derives the names of its tables and columns from its configuration.
type named struct {
	Key   connector.Secret `json:"key"`
	Short connector.Secret `json:"short,omitempty"`

	tables  func(key string) []schema.Table
	declare func(key string) schema.Table
}

func (n *named) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", n.tables(n.Key.Reveal())...)
}

func (n *named) Test(context.Context) error { return nil }

func (n *named) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	if n.declare == nil {
		return nil
	}
	return out.Declare(n.declare(n.Key.Reveal()))
}

func tableNamed(name string, columns ...string) schema.Table {
	t := schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
	for _, c := range columns {
		t.Columns = append(t.Columns, schema.Column{Name: c, Type: schema.TypeString})
	}
	return t
}

func TestANameThatContainsASecretIsRefusedByItsPosition(t *testing.T) {
	for want, tables := range map[string]func(key string) []schema.Table{
		"table 2: the name of a table contains the value of a secret field": func(key string) []schema.Table {
			return []schema.Table{tableNamed("orders"), tableNamed("orders_" + key)}
		},
		"table 2, column 3: the name of a column contains the value of a secret field": func(key string) []schema.Table {
			return []schema.Table{tableNamed("orders"), tableNamed("carts", "note", "note of "+key)}
		},
	} {
		for action, call := range map[string]func(*host.Run) error{
			"Schema": func(r *host.Run) error { _, err := r.Schema(); return err },
			"Sync": func(r *host.Run) error {
				return r.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error { return fmt.Errorf("an operation of kind %v", op.Kind) }))
			},
		} {
			run := host.New(t.Context(), &named{tables: tables})
			require.NoError(t, run.Configure([]byte(`{"key":"hunter2-\"hünter","short":"orders"}`)))
			err := call(run)
			require.ErrorContains(t, err, want, action)
			assert.ErrorIs(t, err, connector.Defect)
			assert.NotContains(t, err.Error(), "hunter2")
			require.NoError(t, run.Close())
		}
	}
}

func TestANameOfATableThatIsDeclaredDuringASyncMustNotContainASecret(t *testing.T) {
	for want, declare := range map[string]func(key string) schema.Table{
		"declared during the sync: the name of a table contains":            func(key string) schema.Table { return tableNamed("t" + key) },
		"declared during the sync, column 2: the name of a column contains": func(key string) schema.Table { return tableNamed("t", key) },
	} {
		run := host.New(t.Context(), &named{declare: declare, tables: func(string) []schema.Table { return []schema.Table{tableNamed("orders")} }})
		require.NoError(t, run.Configure([]byte(`{"key":"hunter2-hunter"}`)))
		err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
			assert.NotEqual(t, host.OpSchemaChange, op.Kind)
			return nil
		}))
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "hunter2")
		require.NoError(t, run.Close())
	}
}

func TestANameMayContainAShortSecret(t *testing.T) {
	run := host.New(t.Context(), &named{tables: func(string) []schema.Table { return []schema.Table{tableNamed("orders")} }})
	require.NoError(t, run.Configure([]byte(`{"key":"orders"}`)))
	_, err := run.Schema()
	require.NoError(t, err)
	require.NoError(t, run.Close())
}

func TestTheUserOfASecretThatIsAnOrdinaryWordIsToldToReplaceIt(t *testing.T) {
	c := &named{Key: "customers", tables: func(string) []schema.Table { return []schema.Table{tableNamed("customers")} }}
	run := host.New(t.Context(), c)
	_, err := run.Schema()
	require.ErrorContains(t, err, "if the secret is an ordinary word")
	assert.NotContains(t, err.Error(), "customers")
	require.NoError(t, run.Close())
}
