package host_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// maskedRow returns the row that a platform receives if a connector with secrets delivers
// row.
func maskedRow(t *testing.T, row any, secrets ...connector.Secret) string {
	t.Helper()
	table := schema.Table{Schema: "wide", Name: "a", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "content", Type: schema.TypeBinary},
		{Name: "amount", Type: schema.TypeDecimal},
		{Name: "day", Type: schema.TypeNaiveDate},
		{Name: "doc", Type: schema.TypeJSON},
	}}
	c := &fixture.Wide{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		connector.Hide(ctx, secrets...)
		if err := out.Declare(table); err != nil {
			return err
		}
		return out.Upsert("a", row)
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	var delivered string
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpUpsert {
			delivered = string(op.Row)
		}
		return nil
	})))
	require.NoError(t, run.Close())
	return delivered
}

func TestAMaskedValueFitsTheTypeOfItsColumn(t *testing.T) {
	row := maskedRow(t, map[string]any{"id": 1, "content": []byte("the key is hunter2-hunter2."), "doc": map[string]any{"hunter2-hunter2": 1}}, "hunter2-hunter2")
	assert.Equal(t, `{"id":1,"content":"`+base64.StdEncoding.EncodeToString([]byte("[redacted]"))+`","doc":{"[redacted]":1}}`, row)
}

func TestDigitsThatEqualASecretByChanceAreNotMasked(t *testing.T) {
	row := maskedRow(t, map[string]any{"id": 12345678, "amount": "12345678.90", "doc": []any{12345678, "12345678"}}, "12345678")
	assert.Equal(t, `{"id":12345678,"amount":"12345678.90","doc":[12345678,"[redacted]"]}`, row)
}

func TestUndeclaredColumnsWhoseNamesAreSecretsStayDistinct(t *testing.T) {
	row := maskedRow(t, []byte(`{"id":1,"hunter2-hunter2":1,"second\u002dsecret":2,"x":3}`), "hunter2-hunter2", "second-secret")
	assert.Contains(t, row, `"[redacted]":1,"[redacted] 2":2,"x":3}`)
}

func TestTheUserIsToldThatKeysWereMasked(t *testing.T) {
	c := &fixture.Wide{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		connector.Hide(ctx, "password")
		err := out.Declare(schema.Table{Schema: "wide", Name: "words", Columns: []schema.Column{
			{Name: "word", Type: schema.TypeString, PrimaryKey: true}, {Name: "text", Type: schema.TypeString},
		}})
		for _, word := range []string{"password", "a password", "pass"} {
			err = errors.Join(err, out.Upsert("words", map[string]any{"word": word, "text": "no password"}))
		}
		return errors.Join(err, out.Delete("words", map[string]any{"word": "password"}))
	}}
	run := host.New(t.Context(), c, fixture.Quiet)
	var warnings []string
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	})))
	require.NoError(t, run.Close())
	require.Len(t, warnings, 2)
	assert.Equal(t, "table wide.words: a secret of the configuration was masked in 6 values", warnings[0])
	assert.Contains(t, warnings[1], "table wide.words: 3 of these values belong to the primary key")
}

func TestWarningsAboutMaskedValuesCountThem(t *testing.T) {
	for _, test := range []struct {
		rows []map[string]any
		want []string
	}{
		{[]map[string]any{{"word": "a", "text": "password"}}, []string{"a secret of the configuration was masked in 1 value"}},
		{[]map[string]any{{"word": "password"}}, []string{"a secret of the configuration was masked in 1 value", "this value belongs to the primary key, so"}},
		{[]map[string]any{{"word": "password", "text": "password"}}, []string{"a secret of the configuration was masked in 2 values", "1 of these values belongs to the primary key, so"}},
		{[]map[string]any{{"word": "password"}, {"word": "password"}}, []string{"a secret of the configuration was masked in 2 values", "2 of these values belong to the primary key, so"}},
	} {
		c := &fixture.Wide{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			connector.Hide(ctx, "password")
			err := out.Declare(schema.Table{Schema: "wide", Name: "words", Columns: []schema.Column{
				{Name: "word", Type: schema.TypeString, PrimaryKey: true}, {Name: "text", Type: schema.TypeString},
			}})
			for _, row := range test.rows {
				err = errors.Join(err, out.Upsert("words", row))
			}
			return err
		}}
		var warnings []string
		require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			if op.Kind == host.OpWarning {
				warnings = append(warnings, op.Message)
			}
			return nil
		}))
		require.Len(t, warnings, len(test.want))
		assert.Equal(t, "table wide.words: "+test.want[0], warnings[0])
		for i, want := range test.want {
			assert.Contains(t, warnings[i], "table wide.words: "+want)
		}
	}
}
