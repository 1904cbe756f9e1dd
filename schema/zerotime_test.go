package schema_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// A stamp is a time with the methods of time.Time.
type stamp struct{ time.Time }

// The zero time is that of a field that the source did not set.
func TestAZeroTimeIsNull(t *testing.T) {
	zero := time.Time{}
	elsewhere := zero.In(time.FixedZone("", 3600))
	values := []any{
		zero, &zero, elsewhere, ptr(&zero), row(zero), row(&zero), row(elsewhere), row[any](zero), row(sql.NullTime{Valid: true}), row(sql.Null[time.Time]{Valid: true}),
		sql.NullTime{Valid: true}, stamp{}, &stamp{}, row(stamp{}), row(&stamp{}), row(sql.NullTime{}), row((*time.Time)(nil)),
	}
	for _, typ := range []schema.Type{schema.TypeUTCDatetime, schema.TypeNaiveDatetime, schema.TypeNaiveDate, schema.TypeString} {
		for _, v := range values {
			if _, is := v.(time.Time); !is && typ == schema.TypeString {
				continue
			}
			e := schema.NewEncoder(oneOf(typ), nil)
			b, err := e.Append(nil, asRow(v), schema.Full)
			require.NoError(t, err, "%v %T", typ, v)
			assert.Equal(t, `{"v":null}`, string(b), "%v %T", typ, v)
			assert.Empty(t, e.Nulled(), "it was never set, so nothing is lost")
		}
	}
	for _, v := range values[:11] {
		for _, table := range []*schema.Table{{Name: "open"}, oneOf(schema.TypeJSON)} {
			assert.Equal(t, `{"v":null}`, appendRow(t, table, asRow(v), schema.Full), "%T", v)
		}
	}
	assert.Equal(t, `{"v":"0001-01-01"}`, appendRow(t, oneOf(schema.TypeNaiveDate), row("0001-01-01"), schema.Full), "text of the source does not change")
	assert.ErrorContains(t, oneOf(schema.TypeLong).Check(asRow(zero), schema.Full), "want LONG, got time.Time")
}

func TestAZeroTimeCannotBePartOfThePrimaryKey(t *testing.T) {
	table := oneOf(schema.TypeUTCDatetime)
	table.Columns[0].PrimaryKey = true
	for _, unfit := range []schema.Unfit{schema.RefuseUnfit, schema.NullUnfit} {
		table.Unfit = unfit
		for _, v := range []any{time.Time{}, &time.Time{}, row(time.Time{}), row(sql.NullTime{Valid: true}), stamp{}} {
			for _, form := range []schema.Form{schema.Full, schema.Partial, schema.Keys} {
				assert.ErrorContains(t, table.Check(asRow(v), form), "table s.t, column v: got ")
				assert.ErrorContains(t, table.Check(asRow(v), form), "a zero time is null, and a part of the primary key cannot be null")
			}
		}
	}
}
