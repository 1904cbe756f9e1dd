package value_test

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/value"
)

type timeRow struct {
	ID  int64       `json:"id" schema:"primary_key"`
	At  value.Time  `json:"at"`
	Ptr *value.Time `json:"ptr"`
}

type taggedTimeRow struct {
	ID int64      `json:"id" schema:"primary_key"`
	At value.Time `json:"at" schema:"type=UTC_DATETIME"`
}

func TestTheColumnOfATimeIsUTCDatetime(t *testing.T) {
	table := schema.TableOf[timeRow]("t")
	for _, name := range []string{"at", "ptr"} {
		t.Run(name, func(t *testing.T) {
			column, ok := table.Column(name)
			require.True(t, ok)
			assert.Equal(t, schema.TypeUTCDatetime, column.Type)
		})
	}
}

// delivered decodes one record, encodes it as a row, and returns one column of the
// row.
func delivered[T any](t testing.TB, text, column string) any {
	t.Helper()
	record, err := decodeOne[T](t, text)
	require.NoError(t, err)
	table := schema.TableOf[T]("t")
	row, err := schema.NewEncoder(&table, nil).Append(nil, &record, schema.Full)
	require.NoError(t, err)
	var members map[string]any
	require.NoError(t, json.Unmarshal(row, &members))
	return members[column]
}

func TestATimeIsDeliveredInUTCAndAZeroTimeAsNull(t *testing.T) {
	for _, c := range []struct {
		name, text, column string
		deliver            func(t testing.TB, text, column string) any
		want               any
	}{
		{"offset", `[{"id":1,"at":"2024-01-01 10:00:00.5+0200"}]`, "at", delivered[timeRow], "2024-01-01T08:00:00.5Z"},
		{"offset, pointer", `[{"id":1,"ptr":"2024-01-01 10:00:00.5+0200"}]`, "ptr", delivered[timeRow], "2024-01-01T08:00:00.5Z"},
		{"offset, tagged", `[{"id":1,"at":"2024-01-01 10:00:00.5+0200"}]`, "at", delivered[taggedTimeRow], "2024-01-01T08:00:00.5Z"},
		{"null", `[{"id":1,"at":null}]`, "at", delivered[timeRow], nil},
		{"empty", `[{"id":1,"at":""}]`, "at", delivered[timeRow], nil},
		{"null, tagged", `[{"id":1,"at":null}]`, "at", delivered[taggedTimeRow], nil},
		{"empty, pointer", `[{"id":1,"ptr":""}]`, "ptr", delivered[timeRow], nil},
		{"null, pointer", `[{"id":1,"ptr":null}]`, "ptr", delivered[timeRow], nil},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, c.deliver(t, c.text, c.column)) })
	}
}

func TestANestedZeroTimeIsDeliveredAsNull(t *testing.T) {
	type visit struct {
		At  value.Time   `json:"at"`
		Ptr *value.Time  `json:"ptr"`
		All []value.Time `json:"all"`
	}
	type customer struct {
		visit
		ID     int64            `json:"id" schema:"primary_key"`
		Visits map[string]visit `json:"visits"`
	}
	got := delivered[customer](t, `[{"id":1,"visits":{"a":{"at":null,"ptr":"","all":["",null,"2024-01-01 10:00:00"]}}}]`, "visits")
	assert.Equal(t, map[string]any{"a": map[string]any{"at": nil, "ptr": nil, "all": []any{nil, nil, "2024-01-01T10:00:00Z"}}}, got)
}

// decodeOne decodes the first record of a JSON array.
func decodeOne[T any](t testing.TB, text string) (T, error) {
	t.Helper()
	for v, err := range format.Decode[T](strings.NewReader(text), format.JSON{}) {
		return v, err
	}
	t.Fatal("no record")
	panic("unreachable")
}

// A midnight is a time type of a connector that builds on Time.
type midnight struct{ value.Time }

// An alias has the fields of Time, but none of its methods.
type alias value.Time

func TestATimeIsAnInstantWhereverARowHasIt(t *testing.T) {
	at, err := value.ParseTime("2024-01-01 10:00:00.123456789+0200")
	require.NoError(t, err)
	set := value.Time{Time: at}
	type base struct {
		Embedded value.Time `json:"embedded"`
	}
	type row struct {
		base
		Null  sql.Null[value.Time] `json:"null"`
		Child midnight             `json:"child"`
		Alias alias                `json:"alias"`
		Any   any                  `json:"any" schema:"type=UTC_DATETIME"`
		Day   value.Time           `json:"day" schema:"type=NAIVE_DATE"`
		Naive *value.Time          `json:"naive" schema:"type=NAIVE_DATETIME"`
		Text  value.Time           `json:"text" schema:"type=STRING"`
		List  []value.Time         `json:"list"`
	}
	table := schema.TableOf[row]("t")
	for _, name := range []string{"embedded", "null", "child", "alias"} {
		column, _ := table.Column(name)
		assert.Equal(t, schema.TypeUTCDatetime, column.Type, name)
		assert.True(t, column.Nullable, name)
	}
	full := row{base{set}, sql.Null[value.Time]{V: set, Valid: true}, midnight{set}, alias(set), set, set, &set, set, []value.Time{set, {}}}
	got, err := schema.NewEncoder(&table, nil).Append(nil, full, schema.Full)
	require.NoError(t, err)
	const utc = `"2024-01-01T08:00:00.123456789Z"`
	assert.Equal(t, `{"embedded":`+utc+`,"null":`+utc+`,"child":`+utc+`,"alias":`+utc+`,"any":`+utc+
		`,"day":"2024-01-01","naive":"2024-01-01T10:00:00.123456789","text":`+utc+`,"list":["2024-01-01T10:00:00.123456789+02:00",null]}`, string(got))
	zero, err := schema.NewEncoder(&table, nil).Append(nil, &row{Null: sql.Null[value.Time]{Valid: true}, Any: &value.Time{}, Naive: new(value.Time)}, schema.Full)
	require.NoError(t, err)
	assert.Equal(t, `{"embedded":null,"null":null,"child":null,"alias":null,"any":null,"day":null,"naive":null,"text":null,"list":null}`, string(zero))
}

func TestATimeInAMapIsAnInstantAlsoWithoutADeclaration(t *testing.T) {
	at, err := value.ParseTime("2024-01-01 10:00:00+0200")
	require.NoError(t, err)
	table := schema.Table{Name: "t", Columns: []schema.Column{{Name: "declared", Type: schema.TypeUTCDatetime}}}
	for _, c := range []struct {
		at   any
		want string
	}{
		{value.Time{Time: at}, `"2024-01-01T08:00:00Z"`}, {&value.Time{Time: at}, `"2024-01-01T08:00:00Z"`},
		{value.Time{}, "null"}, {(*value.Time)(nil), "null"},
	} {
		got, err := schema.NewEncoder(&table, nil).Append(nil, map[string]any{"declared": c.at, "other": c.at}, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"declared":`+c.want+`,"other":`+c.want+`}`, string(got))
	}
}

func TestATimeInAPrimaryKeyMustNotBeNull(t *testing.T) {
	type row struct {
		At value.Time `json:"at" schema:"primary_key"`
	}
	table := schema.TableOf[row]("t")
	require.NoError(t, table.Validate())
	for _, r := range []any{row{}, &row{}, map[string]any{"at": value.Time{}}} {
		var misfit *schema.RowError
		require.ErrorAs(t, table.Check(r, schema.Full), &misfit)
		assert.Equal(t, "at", misfit.Column)
	}
}
