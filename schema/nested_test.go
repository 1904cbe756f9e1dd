package schema_test

import (
	"database/sql"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

type tree struct {
	Name   string
	Leaves []tree          `json:",omitempty"`
	ByName map[string]tree `json:",omitempty"`
	Next   *tree           `json:",omitempty"`
}

func TestAValueThatContainsItselfIsAnError(t *testing.T) {
	loop := map[string]any{}
	loop["self"] = []any{loop}
	circle := &tree{}
	circle.Next = circle
	type knot []any
	k := knot{nil}
	k[0] = k
	deep := any(1)
	for range 2000 {
		deep = []any{deep}
	}
	for _, v := range []any{loop, circle, k, deep, row(circle)} {
		assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(asRow(v), schema.Full), "1000 levels deep or contains itself")
	}
}

// These types all refer to each other. Compiling them must not follow every
// path through them, because the number of paths is astronomical.
type (
	n1 struct {
		N *n2
		A []n3
		B *n4
		C []n5
		D *n6
		E []n7
		F *n8
		G []n9
		H *n10
	}
	n2 struct {
		N *n3
		A []n4
		B *n5
		C []n6
		D *n7
		E []n8
		F *n9
		G []n10
		H *n1
	}
	n3 struct {
		N *n4
		A []n5
		B *n6
		C []n7
		D *n8
		E []n9
		F *n10
		G []n1
		H *n2
	}
	n4 struct {
		N *n5
		A []n6
		B *n7
		C []n8
		D *n9
		E []n10
		F *n1
		G []n2
		H *n3
	}
	n5 struct {
		N *n6
		A []n7
		B *n8
		C []n9
		D *n10
		E []n1
		F *n2
		G []n3
		H *n4
	}
	n6 struct {
		N *n7
		A []n8
		B *n9
		C []n10
		D *n1
		E []n2
		F *n3
		G []n4
		H *n5
	}
	n7 struct {
		N *n8
		A []n9
		B *n10
		C []n1
		D *n2
		E []n3
		F *n4
		G []n5
		H *n6
	}
	n8 struct {
		N *n9
		A []n10
		B *n1
		C []n2
		D *n3
		E []n4
		F *n5
		G []n6
		H *n7
	}
	n9 struct {
		N *n10
		A []n1
		B *n2
		C []n3
		D *n4
		E []n5
		F *n6
		G []n7
		H *n8
	}
	n10 struct {
		N *n1
		A []n2
		B *n3
		C []n4
		D *n5
		E []n6
		F *n7
		G []n8
		H *n9
	}
)

func TestMutuallyRecursiveTypesCompileQuickly(t *testing.T) {
	v := n1{N: &n2{N: &n3{}}, A: []n3{{N: &n4{}}}}
	want, err := json.Marshal(v)
	require.NoError(t, err)
	began := time.Now()
	got := appendRow(t, &schema.Table{Name: "t"}, row(v), schema.Full)
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.JSONEq(t, `{"v":`+string(want)+`}`, got)
}

type zeroer struct{ n int }

func (z zeroer) IsZero() bool { return z.n == 42 }

func TestOmittedFieldsAreThoseThatEncodingJSONOmits(t *testing.T) {
	type omits struct {
		S  string            `json:"s,omitempty"`
		N  int               `json:"n,omitempty"`
		M  map[string]string `json:"m,omitempty"`
		P  *int              `json:"p,omitempty"`
		A  [0]int            `json:"a,omitempty"`
		T  time.Time         `json:"t,omitzero"`
		TP *time.Time        `json:"tp,omitzero"`
		Z  zeroer            `json:"z,omitzero"`
		I  any               `json:"i,omitzero"`
		E  fmt.Stringer      `json:"e,omitempty"`
		St address           `json:"st,omitempty"`
		Sz address           `json:"sz,omitzero"`
	}
	zero := 0
	for _, v := range []omits{
		{}, {S: "x", N: 1, M: map[string]string{"a": "b"}, P: &zero, T: time.Now().UTC(), TP: &time.Time{}, Z: zeroer{42}, I: 0},
		{TP: new(time.Time), M: map[string]string{}, I: (*int)(nil), Z: zeroer{1}, Sz: address{City: "x"}},
	} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		assert.JSONEq(t, string(want), appendRow(t, &schema.Table{Name: "t"}, v, schema.Full))
		assert.JSONEq(t, `{"v":`+string(want)+`}`, appendRow(t, &schema.Table{Name: "t"}, row(v), schema.Full))
	}
}

func TestNestedValuesMatchEncodingJSON(t *testing.T) {
	type everything struct {
		address
		B     bool
		I     []int8
		U     map[string]uint64
		F     *float32
		S     string `json:"renamed,omitempty"`
		Quote string `json:"quote,string"`
		Bytes []byte
		Array [3]uint8
		Any   any
		IntM  map[int]string
		T     time.Time
		Big   *big.Int
		Pt    point
		Lv    []level
		Sub   struct {
			X, y int
			Z    *tree
		}
		Skip  func() `json:"-"`
		Odd   int    `json:"odd→"`
		Null  sql.NullString
		Slice [][]string
	}
	f := float32(0.1)
	full := everything{address: address{City: "Zürich <&>"}, B: true, I: []int8{-1}, U: map[string]uint64{"b": math.MaxUint64, "a": 0},
		F: &f, S: "\u2028", Quote: "q", Bytes: []byte{1}, Any: map[string]any{"x": []any{1.5, nil}}, IntM: map[int]string{2: "b", 1: "a"},
		T: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)), Big: big.NewInt(5), Lv: []level{1}, Slice: [][]string{nil, {}, {"a"}}}
	full.Sub.Z = &tree{Name: "r", Leaves: []tree{{Name: "l", ByName: map[string]tree{"k": {}}}}}
	plain := struct {
		everything `json:"named"`
		L          []everything
	}{full, []everything{{}, full}}
	for _, v := range []any{full, &full, plain, everything{}, []everything(nil), map[string]*everything{"a": nil, "b": &full}} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		nulls := strings.NewReplacer(`{"String":"","Valid":false}`, "null", `"0001-01-01T00:00:00Z"`, "null")
		assert.JSONEq(t, `{"v":`+nulls.Replace(string(want))+`}`, appendRow(t, oneOf(schema.TypeJSON), map[string]any{"v": v}, schema.Full))
	}
}

type (
	core struct {
		A, B int
		Same string
	}
	Other struct {
		B    string
		Same string
		Deep *deeper `json:",omitempty"`
	}
	deeper struct {
		*Other
		C float64
	}
	renaming struct {
		D int `json:"A"`
	}
	again   struct{ core }
	numeral int
	Numeral int
	labeled struct{ n int }
	// A hiddenPair has a marshaling method, which reflection cannot call on an
	// unexported field.
	hiddenPair struct{ point }
)

func (k labeled) MarshalText() ([]byte, error) { return []byte("k" + strconv.Itoa(k.n%10)), nil }

//nolint:staticcheck // the tags include unusual ones on purpose
func TestEmbeddedStructsAndOptionsAreThoseOfEncodingJSON(t *testing.T) {
	five, text := 5, "a\"b"
	for _, v := range []any{
		struct{ core }{core{1, 2, "x"}},
		struct{ *core }{&core{1, 2, "x"}},
		struct{ *core }{},
		struct {
			core
			*Other
		}{core{1, 2, "x"}, &Other{B: "b", Deep: &deeper{C: 0.5}}},
		struct {
			core
			renaming
		}{core{1, 2, "x"}, renaming{3}},
		struct {
			core
			again
			A string
		}{core{1, 2, "x"}, again{core{3, 4, "y"}}, "a"},
		struct {
			core `json:"in"`
			numeral
			Numeral
			Hidden int `json:"-"`
			Dash   int `json:"-,"`
			Odd    int `json:"o'd"`
			Fine   int `json:"a!#$%&()*+-./:;<=>?@[]^_{|}~ z"`
		}{core{1, 2, "x"}, 1, 2, 3, 4, 5, 6},
		struct {
			point `json:"p"`
		}{point{1, 2}},
		struct {
			hiddenPair `json:"h,omitzero"`
		}{hiddenPair{point{1, 2}}},
		struct {
			A bool          `json:",string"`
			B int8          `json:",string"`
			C uint64        `json:",string"`
			D float64       `json:",string"`
			E *int          `json:",string"`
			F *int          `json:",string"`
			G *string       `json:",string"`
			H json.Number   `json:",string"`
			I []int         `json:",string"`
			J core          `json:",string"`
			K level         `json:",string"`
			L any           `json:",string"`
			M string        `json:",string,omitempty"`
			N float32       `json:",omitzero,string"`
			O time.Duration `json:",string"`
		}{A: true, B: -1, C: math.MaxUint64, D: 0.25, E: &five, G: &text, H: "1.50", I: []int{1}, L: 5},
		map[int8]string{-1: "a", 0: "b", 10: "c", 9: "d"},
		map[uintptr]any{3: nil, 20: []byte("x")},
		map[labeled]int{{1}: 1, {0}: 2},
		map[*labeled]int{nil: 1},
		map[numeral]map[level][]level{5: {2: {1, 2}}},
		[]numeral(nil), [2]level{1, 2}, [3]uint8{1, 2, 3}, []uint8("abc"), []level{1}, [][]byte{nil, {}, {1}},
	} {
		want, err := json.Marshal(v)
		require.NoError(t, err)
		assert.JSONEq(t, `{"v":`+string(want)+`}`, appendRow(t, oneOf(schema.TypeJSON), row(v), schema.Full), "%T", v)
		assert.JSONEq(t, `{"v":{"in":`+string(want)+`}}`, appendRow(t, oneOf(schema.TypeJSON), asRow(map[string]any{"in": v}), schema.Full), "%T", v)
	}
}

func TestAnInterfaceWithAMarshalingMethodIsWrittenAsItsValue(t *testing.T) {
	type methods struct {
		J json.Marshaler
		T encoding.TextMarshaler
	}
	for want, v := range map[string]methods{
		`{"J":null,"T":null}`:                {},
		`{"J":[1,2],"T":"L5"}`:               {point{1, 2}, level(5)},
		`{"J":[3,4],"T":"L6"}`:               {&point{3, 4}, ptr(level(6))},
		`{"J":null,"T":null} of nils`:        {(*point)(nil), (*level)(nil)},
		`{"J":null,"T":null} of times`:       {time.Time{}, &time.Time{}},
		`{"J":5,"T":"2026-01-02T03:04:05Z"}`: {big.NewInt(5), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
	} {
		want, _, _ = strings.Cut(want, " of ")
		assert.Equal(t, `{"v":`+want+`}`, appendRow(t, oneOf(schema.TypeJSON), asRow(v), schema.Full))
	}
}

func TestKeysOfAMapThatHaveTheSameTextAreAnError(t *testing.T) {
	assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(asRow([]any{map[labeled]int{{1}: 1, {11}: 2}}), schema.Full),
		"table s.t, column v: want JSON, got map[schema_test.labeled]int at /0: two of its keys have the same text")
	assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(asRow(map[point]int{}), schema.Full), "its keys have no text")
	assert.ErrorContains(t, oneOf(schema.TypeJSON).Check(asRow(map[stubborn]int{{}: 1}), schema.Full), "its MarshalText method returned an error")
}

type stubborn struct{}

func (stubborn) MarshalText() ([]byte, error) { return nil, errors.New("no text") }

// What the source sent as null was never set, wherever it is.
func TestANestedTimeThatWasNeverSetIsNull(t *testing.T) {
	type event struct {
		At    time.Time
		On    *time.Time
		Stamp stamp
		Wrap  *wrapped
		Def   defined
		Epoch epoch
		Own   date `json:",omitzero"`
		Null  sql.NullTime
	}
	type embeds struct {
		event
		More map[int]time.Time
	}
	none := `{"At":null,"On":null,"Stamp":null,"Wrap":null,"Def":null,"Epoch":null,"Null":null`
	zero := time.Time{}
	never := event{On: &zero, Wrap: &wrapped{}, Epoch: -1, Null: sql.NullTime{Valid: true}}
	for _, c := range []struct {
		v    any
		want string
	}{
		{never, none + "}"}, {&never, none + "}"}, {embeds{never, map[int]time.Time{1: zero}}, none + `,"More":{"1":null}}`},
		{[]event{never}, "[" + none + "}]"}, {map[string]*event{"a": &never}, `{"a":` + none + "}}"},
		{[]any{zero, &zero, wrapped{}, defined{}, map[string]any{"x": zero}}, `[null,null,null,null,{"x":null}]`},
		{map[string]time.Time{"a": {}}, `{"a":null}`}, {[2]time.Time{}, "[null,null]"}, {[]sql.NullTime{{}}, "[null]"},
		{[]any{defined(time.Unix(0, 5).UTC()), epoch(5), &pointed{7}}, `["1970-01-01T00:00:00.000000005Z","1970-01-01T00:00:05Z","1970-01-01T00:00:07Z"]`},
		{json.RawMessage(`{"At":"0001-01-01T00:00:00Z"}`), `{"At":"0001-01-01T00:00:00Z"}`},
		{[]string{"0001-01-01T00:00:00Z"}, `["0001-01-01T00:00:00Z"]`},
	} {
		got := appendRow(t, oneOf(schema.TypeJSON), row(c.v), schema.Full)
		if _, ok := c.v.(json.RawMessage); !ok {
			got = strings.ReplaceAll(got, time.Unix(5, 0).Format(time.RFC3339), "1970-01-01T00:00:05Z")
			got = strings.ReplaceAll(got, time.Unix(7, 0).Format(time.RFC3339), "1970-01-01T00:00:07Z")
		}
		assert.Equal(t, `{"v":`+c.want+`}`, got, "%T", c.v)
	}
}

func TestANestedValueOfDatabaseSQLIsTheValueOrNull(t *testing.T) {
	v := []any{
		sql.NullString{String: "a", Valid: true}, sql.NullString{}, sql.Null[int64]{V: math.MaxInt64, Valid: true}, sql.Null[[]byte]{},
		struct{ N sql.NullBool }{}, map[string]sql.NullInt32{"n": {}}, &sql.NullByte{Byte: 5, Valid: true},
	}
	assert.Equal(t, `{"v":["a",null,9223372036854775807,null,{"N":null},{"n":null},5]}`, appendRow(t, oneOf(schema.TypeJSON), asRow(v), schema.Full))
}

func TestOnlyTheNestedValueThatDoesNotFitBecomesNull(t *testing.T) {
	type embeds struct {
		core
		F map[int]float64
		Q float64 `json:",string"`
		T time.Time
	}
	table := oneOf(schema.TypeJSON)
	table.Unfit = schema.NullUnfit
	v := embeds{core: core{A: 1}, F: map[int]float64{1: math.NaN(), 2: 0.5}, Q: math.Inf(1), T: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}
	assert.Equal(t, `{"v":{"A":1,"B":0,"Same":"","F":{"1":null,"2":0.5},"Q":null,"T":null}}`, appendRow(t, table, asRow(v), schema.Full))
}
