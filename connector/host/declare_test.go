package host_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestADeclaredTableDoesNotShareTheCallersColumns(t *testing.T) {
	var later *schema.Table
	var rows []string
	err := fixture.Sync(t, &fixture.Wide{Names: []string{"first"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		columns := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}}
		require.NoError(t, out.Declare(schema.Table{Name: "later", Columns: columns}))
		columns[0] = schema.Column{Name: "other", Type: schema.TypeString}
		columns[1].Type = schema.TypeBoolean
		require.NoError(t, out.Upsert("later", map[string]any{"id": 1, "total": "1.50"}))
		require.Error(t, out.Upsert("later", map[string]any{"other": "1", "total": true}))
		return nil
	}}, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpSchemaChange:
			later = op.Table
		case host.OpUpsert:
			rows = append(rows, string(op.Row))
			assert.Equal(t, []string{"id"}, op.Table.PrimaryKey())
		}
		return nil
	})
	require.NoError(t, err)
	require.NotNil(t, later)
	assert.Equal(t, "wide.later", later.String())
	assert.Equal(t, []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "total", Type: schema.TypeDecimal}}, later.Columns)
	assert.Equal(t, []string{`{"id":1,"total":"1.50"}`}, rows)
}

func TestADeselectedTableIsNotDeclared(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(out.Declare(schema.Table{Name: "late"}), out.Upsert("late", id(1)))
	}}
	got, err := steps(t, c, host.SyncRequest{Selection: host.Selection{Schemas: map[string]host.SchemaSelection{
		"wide": {Tables: map[string]host.TableSelection{"late": {Excluded: true}}},
	}}})
	require.NoError(t, err)
	assert.NotContains(t, strings.Join(got, "\n"), "late")
}

// A declaring value declares its table again while it is being encoded.
type declaring struct{ do func() }

func (d declaring) MarshalJSON() ([]byte, error) { d.do(); return []byte(`"1"`), nil }

func TestARowIsEncodedForTheCurrentDeclaration(t *testing.T) {
	column := func(typ schema.Type) schema.Table {
		return schema.Table{Name: "t", Columns: []schema.Column{{Name: "v", Type: typ}}}
	}
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		var once sync.Once
		redeclare := func() { once.Do(func() { assert.NoError(t, out.Declare(column(schema.TypeLong))) }) }
		return errors.Join(out.Declare(column(schema.TypeString)), out.Upsert("t", map[string]any{"v": declaring{redeclare}}))
	}}
	_, err := steps(t, c, host.SyncRequest{})
	var misfit *schema.RowError
	require.ErrorAs(t, err, &misfit, "a text does not fit the new declaration of the column")
}

func TestATableThatIsDeclaredAgainKeepsItsCounts(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return errors.Join(
			out.Upsert("a", map[string]any{"id": 1, "note": "\xff"}),
			out.Declare(schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString}}}),
			out.Upsert("a", map[string]any{"id": 2, "note": "\xff"}),
		)
	}}
	var warnings []string
	require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	}))
	assert.Equal(t, []string{"table wide.a, column note: bytes that are not UTF-8 were replaced by U+FFFD in 2 rows"}, warnings)
}

func TestATableDiscoveredDuringASyncCanBeDeclared(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		require.Error(t, out.Upsert("refunds", map[string]any{"id": 1}))
		require.Error(t, out.Declare(schema.Table{Name: "refunds", Columns: []schema.Column{{Name: "id"}}}))
		require.NoError(t, out.Declare(schema.Table{Name: "refunds", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}))
		return out.Upsert("refunds", map[string]any{"id": 1})
	}}, fixture.WithKey)
	require.NoError(t, err)
	assert.Equal(t, `{"type":"RECORD","record":{"shop":{"refunds":{"id":1}}}}`, lines[0])
}
