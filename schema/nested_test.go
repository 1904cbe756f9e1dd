package schema_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
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
		assert.JSONEq(t, `{"v":`+string(want)+`}`, appendRow(t, oneOf(schema.TypeJSON), map[string]any{"v": v}, schema.Full))
	}
}
