package schema_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/racedetector"
	"github.com/penstock-sdk/penstock/schema"
)

// Most destinations ignore the case of column names, so one of two such columns
// would overwrite the other.
func TestARowWithColumnsThatDifferOnlyInCaseIsRefused(t *testing.T) {
	type declaredTwin struct {
		ID   int64  `json:"id"`
		Line int32  `json:"line"`
		Note string `json:"Note"`
	}
	type keyTwin struct {
		ID    int64 `json:"id"`
		Line  int32 `json:"line"`
		Other int64 `json:"ID"`
	}
	type undeclaredTwins struct {
		ID   int64 `json:"id"`
		Line int32 `json:"line"`
		A    int   `json:"größe"`
		B    int   `json:"GRÖSSE"`
		C    int   `json:"GRÖßE"`
	}
	for _, test := range []struct {
		column, twin string
		rows         []any
	}{
		{"Note", "note", []any{
			[]byte(`{"id":1,"line":2,"note":"a","Note":"b"}`), []byte(`{"id":1,"line":2,"Note":"b","note":"a"}`), []byte(`{"id":1,"line":2,"\u004eote":"b"}`),
			map[string]any{"id": 1, "line": 2, "Note": "b"}, map[string]string{"id": "1", "line": "2", "Note": "b"}, declaredTwin{}, &declaredTwin{},
		}},
		{"ID", "id", []any{[]byte(`{"id":1,"line":2,"ID":2}`), []byte(`{"ID":2,"id":1,"line":2}`), map[string]any{"id": 1, "line": 2, "ID": 1}, keyTwin{}}},
		{"userID", "userId", []any{[]byte(`{"id":1,"line":2,"userId":1,"userID":1}`), []byte(`{"id":1,"line":2,"userId":null,"x":1,"userID":null}`)}},
		{"userId", "userID", []any{map[string]any{"id": 1, "line": 2, "userId": 1, "userID": 2}, []byte(`{"id":1,"line":2,"userID":1,"userId":1}`)}},
		{"GRÖßE", "größe", []any{undeclaredTwins{}, []byte(`{"id":1,"line":2,"größe":1,"GRÖSSE":2,"GRÖßE":3}`)}},
	} {
		for _, row := range test.rows {
			e := schema.NewEncoder(&keyed, nil)
			for _, form := range []schema.Form{schema.Full, schema.Partial} {
				_, err := e.Append(nil, row, form)
				var rowErr *schema.RowError
				if !assert.ErrorAs(t, err, &rowErr, "%s", row) {
					continue
				}
				if _, isStrings := row.(map[string]string); isStrings {
					continue // the type of the key is wrong
				}
				assert.Equal(t, test.column, rowErr.Column)
				assert.Contains(t, err.Error(), fmt.Sprintf("%q, which is the same column at a destination that ignores case", test.twin))
			}
			if _, isStrings := row.(map[string]string); !isStrings {
				b, err := e.Append(nil, row, schema.Keys)
				require.NoError(t, err, "the keys alone have no twins")
				assert.NotContains(t, string(b), "ote")
			}
		}
	}
}

func TestATwinThatIsNotDeliveredIsNotAnError(t *testing.T) {
	e := schema.NewEncoder(&keyed, func(column string) bool { return column == "ID" || column == "userId" })
	for _, row := range []any{
		[]byte(`{"id":1,"line":2,"ID":7,"userId":7,"userID":8}`), map[string]any{"id": 1, "line": 2, "ID": 7, "userId": 7, "userID": 8},
		struct {
			ID   int `json:"id"`
			Line int `json:"line"`
			ID2  int `json:"ID"`
			U1   int `json:"userId"`
			U2   int `json:"userID"`
		}{1, 2, 7, 7, 8},
	} {
		b, err := e.Append(nil, row, schema.Full)
		require.NoError(t, err)
		assert.Equal(t, `{"id":1,"line":2,"userID":8}`, string(b))
	}
	assert.Empty(t, e.Respelled())
}

func TestAColumnThatIsSpelledDifferentlyInOtherRowsIsReported(t *testing.T) {
	e := schema.NewEncoder(&schema.Table{Name: "t"}, nil)
	for i, row := range []any{
		[]byte(`{"userId":1}`), map[string]any{"userID": 2}, struct{ UserID int }{3}, []byte(`{"userId":4,"other":1}`), []byte(`{"USERID":5}`),
	} {
		_, err := e.Append(nil, row, schema.Full)
		require.NoError(t, err, i)
	}
	assert.Equal(t, map[string]string{"userID": "userId", "UserID": "userId", "USERID": "userId"}, e.Respelled())
	_, err := e.Append(nil, []byte(`{"userId":1,"userID":2}`), schema.Full)
	assert.ErrorContains(t, err, `the row also has the column "userId"`)
	_, err = e.Append(nil, map[string]any{"USERID": 1, "UserID": 2}, schema.Full)
	assert.ErrorContains(t, err, `the row also has the column "USERID"`)
	_, err = e.Append(nil, []byte(`{"userID":1}`), schema.Full)
	require.NoError(t, err, "an error does not affect later rows")
}

func TestAColumnWhoseNameIsNotValidIsRefused(t *testing.T) {
	open := &schema.Table{Name: "t"}
	for name, want := range map[string]string{
		"": "is empty", " a": "white space", "a\t": "white space", "a\u00a0": "white space", "a\x00b": "control character", "a\u0085b": "control character",
		"a\nb": "control character", "\x7f": "control character",
	} {
		quoted, err := json.Marshal(name)
		require.NoError(t, err)
		rows := []any{map[string]any{name: 1}, []byte(`{` + string(quoted) + `:1}`)}
		for _, row := range rows {
			var rowErr *schema.RowError
			require.ErrorAs(t, open.Check(row, schema.Full), &rowErr, "%q", name)
			assert.Equal(t, name, rowErr.Column)
			assert.Contains(t, rowErr.Error(), "the name of the column ")
			assert.Contains(t, rowErr.Error(), want)
			assert.NotContains(t, rowErr.Error(), "\n")
		}
	}
	for _, row := range []any{map[string]any{"a\xffb": 1}, []byte("{\"a\xffb\":1}"), []byte(`{"a\ud800b":1}`)} {
		assert.ErrorContains(t, open.Check(row, schema.Full), "the name of the column is not valid UTF-8")
	}
	type spaced struct {
		A int `json:"a "`
	}
	assert.ErrorContains(t, open.Check(spaced{}, schema.Full), `column "a ": got schema_test.spaced: the name of the column begins or ends with white space`)
	assert.Less(t, len(open.Check(map[string]any{strings.Repeat("a", 1e6) + " ": 1}, schema.Full).Error()), 1000)
}

func TestValuesOfUndeclaredColumnsObeyTheRulesOfDeclaredOnes(t *testing.T) {
	open := &schema.Table{Name: "t"}
	type double float64
	big := 1e17
	for want, values := range map[string][]any{
		"JSON has no such number":                       {math.NaN(), float32(math.Inf(1)), []any{math.Inf(-1)}, json.Number("NaN")},
		"may already have lost digits":                  {big, &big, double(big), float32(1 << 24), map[string]any{"a": big}, []float64{big}},
		"it is not a decimal number":                    {schema.Decimal("1,5"), Decimal{"x"}},
		"it is not a valid JSON number":                 {json.Number("0x1")},
		"it needs more than 63 bits":                    {uint64(math.MaxUint64)},
		"RFC 3339 cannot represent the year":            {time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"it is not valid JSON":                          {json.RawMessage(`{`)},
		"MarshalJSON or MarshalText method returned an": {quiet{}},
	} {
		for _, v := range values {
			assert.ErrorContains(t, open.Check(map[string]any{"v": v}, schema.Full), want, "%T %v", v, v)
		}
	}
	assert.ErrorContains(t, open.Check(row(big), schema.Full), "may already have lost digits")
	assert.NoError(t, oneOf(schema.TypeDouble).Check(row(big), schema.Full), "a declared DOUBLE has the digits of a float64")
}

// The source determines the names of undeclared columns.
func TestTheMemoryForUndeclaredColumnsIsBounded(t *testing.T) {
	e := schema.NewEncoder(&schema.Table{Name: "t"}, nil)
	var wide strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&wide, `"column%d":1,`, i)
	}
	_, err := e.Append(nil, []byte(`{`+wide.String()+`"Column2999":2}`), schema.Full)
	assert.ErrorContains(t, err, `"column2999", which is the same column`, "twins are found in a row of any width")
	for i := range 3000 {
		_, err := e.Append(nil, fmt.Appendf(nil, `{"COLUMN%d":1}`, i), schema.Full)
		require.NoError(t, err)
	}
	assert.Len(t, e.Respelled(), 1000)
	huge := strings.Repeat("x", 2<<20)
	for range 2 {
		_, err := e.Append(nil, []byte(`{"`+huge+`":1}`), schema.Full)
		require.NoError(t, err)
		_, err = e.Append(nil, []byte(`{"`+huge+`":1,"X`+huge[1:]+`":2}`), schema.Full)
		assert.ErrorContains(t, err, "which is the same column")
	}
}

func TestRowsWithUndeclaredColumnsAreEncodedWithoutAllocation(t *testing.T) {
	if racedetector.Enabled {
		t.Skip("the race detector allocates")
	}
	for what, row := range map[string]any{"map": map[string]any{"a": 1, "b": 2, "c": 3, "D": 4}, "raw": []byte(`{"a":1,"b":2,"c":3,"D":4}`)} {
		e := schema.NewEncoder(&schema.Table{Name: "t"}, nil)
		var buf []byte
		var err error
		allocs := testing.AllocsPerRun(1000, func() { buf, err = e.Append(buf[:0], row, schema.Full) })
		require.NoError(t, err)
		assert.Zero(t, allocs, what)
	}
}

func TestNamesThatAnyDestinationFoldsToOneNameAreRefused(t *testing.T) {
	for _, names := range [][2]string{{"k", "\u212a"}, {"status", "ſtatus"}, {"µ", "μ"}, {"σ", "ς"}, {"ısı", "ISI"}, {"straße", "straẞe"}, {"Ä", "ä"}} {
		declared := schema.Table{Name: "t", Columns: []schema.Column{{Name: names[0], Type: schema.TypeLong}}}
		both := map[string]any{names[0]: 1, names[1]: 2}
		text := []byte(fmt.Sprintf(`{%q:1,%q:2}`, names[0], names[1]))
		assert.Error(t, declared.Check(both, schema.Full), "%q", names)
		assert.Error(t, declared.Check(text, schema.Full), "%q", names)
		assert.Error(t, (&schema.Table{Name: "t"}).Check(both, schema.Full), "%q", names)
		assert.Error(t, (&schema.Table{Name: "t"}).Check(text, schema.Full), "%q", names)
		assert.Error(t, (&schema.Table{Name: "t", Columns: []schema.Column{{Name: names[0], Type: schema.TypeLong}, {Name: names[1], Type: schema.TypeLong}}}).Validate())
		_, err := schema.New("s", schema.Table{Name: names[0]}, schema.Table{Name: names[1]})
		assert.Error(t, err, "%q", names)
		_, err = schema.NewTextConverter(&declared).Convert(map[string]string{names[1]: "2"})
		assert.ErrorContains(t, err, "the table declares the column as")
	}
}
