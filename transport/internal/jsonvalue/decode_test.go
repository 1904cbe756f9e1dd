package jsonvalue_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

type (
	inner struct {
		Qty  int            `json:"qty"`
		Tags map[string]int `json:"tags"`
		Sub  *inner         `json:"sub"`
	}
	base struct {
		Code string `json:"code"`
	}
	more struct {
		Extra int `json:"extra"`
	}
	record struct {
		base
		More   more             `json:",embed"`
		ID     int64            `json:"id"`
		Name   string           // matches "Name" exactly
		Inner  inner            `json:"inner"`
		List   []inner          `json:"list"`
		Lookup map[string]inner `json:"lookup"`
		Upper  int              `json:"UPPER"`
		Lower  int              `json:"upper"`
		Strict int              `json:"strict,case:strict"`
		Any    any              `json:"any"`
	}
)

// decode decodes a text into a record.
func decode(t *testing.T, text string) record {
	t.Helper()
	var r record
	_, err := jsonvalue.Decode([]byte(text), &r)
	require.NoError(t, err, text)
	return r
}

func TestTheMemberWithTheExactNameCountsInWhateverOrder(t *testing.T) {
	for text, want := range map[string]record{
		`{"ID":5,"id":7}`:                              {ID: 7},
		`{"id":7,"ID":5}`:                              {ID: 7},
		`{"Id":4,"id":7,"ID":5}`:                       {ID: 7},
		`{"id":7,"ID":"text"}`:                         {ID: 7},
		`{"ID":"text","id":7}`:                         {ID: 7},
		`{"ID":null,"id":7}`:                           {ID: 7},
		`{"id":null,"ID":7}`:                           {},
		`{"ID":7}`:                                     {ID: 7},
		`{"name":"a","Name":"b","NAME":"c"}`:           {Name: "b"},
		`{"CODE":"x","code":"y"}`:                      {base: base{Code: "y"}},
		`{"EXTRA":1.5,"extra":2}`:                      {More: more{2}},
		`{"inner":{"qty":1,"QTY":2}}`:                  {Inner: inner{Qty: 1}},
		`{"INNER":{"qty":1},"inner":{"QTY":2}}`:        {Inner: inner{Qty: 2}},
		`{"INNER":{"tags":{"a":1}},"inner":{"qty":2}}`: {Inner: inner{Qty: 2}},
		`{"list":[{"Qty":1,"qty":2},{"qty":3}]}`:       {List: []inner{{Qty: 2}, {Qty: 3}}},
		`{"lookup":{"a":{"qty":1,"Qty":2},"A":{}}}`:    {Lookup: map[string]inner{"a": {Qty: 1}, "A": {}}},
		`{"inner":{"sub":{"QTY":9,"qty":8}}}`:          {Inner: inner{Sub: &inner{Qty: 8}}},
		`{"UPPER":1,"upper":2}`:                        {Upper: 1, Lower: 2},
		`{"UPPER":1,"Upper":3,"upper":2}`:              {Upper: 1, Lower: 2},
		`{"STRICT":1,"strict":2,"Strict":3}`:           {Strict: 2},
		`{"STRICT":1}`:                                 {},
		`{"\u0069d":7,"ID":5}`:                         {ID: 7},
		`{"any":{"x":1,"X":2},"ID":1,"id":2}`:          {ID: 2, Any: map[string]any{"x": json.Number("1"), "X": json.Number("2")}},
		`{"unknown":1,"Unknown":2,"id":3}`:             {ID: 3},
	} {
		assert.Equal(t, want, decode(t, text), text)
	}
}

func TestTheLastOfSeveralMembersWithTheSameNameCounts(t *testing.T) {
	for text, want := range map[string]record{
		`{"id":5,"id":7}`:                                       {ID: 7},
		`{"ID":5,"ID":7}`:                                       {ID: 7},
		`{"id":5,"ID":9,"id":7}`:                                {ID: 7},
		`{"inner":{"qty":1},"inner":{"tags":{"a":1}}}`:          {Inner: inner{Tags: map[string]int{"a": 1}}},
		`{"lookup":{"a":{"qty":1},"a":{"tags":{}}}}`:            {Lookup: map[string]inner{"a": {Tags: map[string]int{}}}},
		`{"any":{"x":1,"x":2}}`:                                 {Any: map[string]any{"x": json.Number("2")}},
		`{"unknown":{"x":1,"x":2},"unknown":3,"id":1}`:          {ID: 1},
		`{"inner":{"tags":{"a":1,"a":2},"tags":{"b":1,"b":3}}}`: {Inner: inner{Tags: map[string]int{"b": 3}}},
	} {
		assert.Equal(t, want, decode(t, text), text)
	}
	var m map[string]map[string]int
	_, err := jsonvalue.Decode([]byte(`{"a":{"x":1},"a":{"y":2}}`), &m)
	require.NoError(t, err)
	assert.Equal(t, map[string]map[string]int{"a": {"y": 2}}, m)
}

func TestTwoSpellingsWithDifferentValuesAndNoExactNameAreAnErrorThatNamesBoth(t *testing.T) {
	for _, text := range []string{`{"ID":5,"Id":7}`, `{"list":[{},{"Qty":1,"QTY":2}]}`} {
		var r record
		_, err := jsonvalue.Decode([]byte(text), &r)
		assert.ErrorContains(t, err, "json tag", text)
	}
	assert.Equal(t, record{ID: 5}, decode(t, `{"ID":5,"Id":5.0}`), "the values are equal")
}

func TestCellsFollowTheSameRules(t *testing.T) {
	var r record
	_, err := jsonvalue.DecodeCells([]byte(`{"ID":"5","id":"7.0","NAME":"x","Name":null}`), &r)
	require.NoError(t, err)
	assert.Equal(t, record{ID: 7}, r)
}

func TestTheTextThatIsReturnedHasTheMembersThatCount(t *testing.T) {
	var r record
	text, err := jsonvalue.Decode([]byte(` {"ID" : null , "x" : [1.50, "a"],"id":7.0} `), &r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"x":[1.50,"a"],"id":7}`, string(text))
}

func TestAnErrorOfTheFirstAttemptIsKeptIfNothingIsRewritten(t *testing.T) {
	var r record
	_, err := jsonvalue.Decode([]byte(`{"id":"x"}`), &r)
	assert.ErrorContains(t, err, "/id")
	_, err = jsonvalue.Decode([]byte(`{"id":1.0,"name":`), &r)
	assert.Error(t, err)
	_, err = jsonvalue.Decode([]byte(`{}`), nil)
	assert.Error(t, err)
	_, err = jsonvalue.Decode([]byte(`{}`), (*record)(nil))
	assert.Error(t, err)
}

func TestAValueThatIsNotZeroKeepsWhatTheTextDoesNotHave(t *testing.T) {
	for _, text := range []string{`{"id":7}`, `{"id":7.0}`, `{"ID":5,"id":7}`, `{"id":5,"id":7}`} {
		r := record{Name: "default", ID: 1}
		_, err := jsonvalue.Decode([]byte(text), &r)
		require.NoError(t, err)
		assert.Equal(t, record{Name: "default", ID: 7}, r, text)

		r = record{Name: "default", ID: 1}
		var d jsonvalue.PrefixDecoder
		if n, ok := d.Decode([]byte(text+",{"), &r); ok {
			assert.Equal(t, len(text), n)
			assert.EqualValues(t, 7, r.ID)
		} else {
			assert.Equal(t, record{Name: "default", ID: 1}, r, text)
		}
	}
}

func TestAPrefixIsDecodedOnlyIfItIsComplete(t *testing.T) {
	type prefix record // no value of this type has been rewritten
	var d jsonvalue.PrefixDecoder
	const text = `{"id":7,"name":"x","inner":{"qty":1}}`
	for i := range len(text) + 5 {
		var r prefix
		n, ok := d.Decode([]byte(text + `,{"id"`)[:i], &r)
		assert.Equal(t, i >= len(text), ok, i)
		if ok {
			assert.Equal(t, len(text), n)
			assert.Equal(t, 1, r.Inner.Qty)
		} else {
			assert.Equal(t, prefix{}, r)
		}
	}
}

// own decodes itself.
type own struct{ ID int }

func (o *own) UnmarshalJSON(text []byte) error {
	if string(text) != `{"ID":1.0}` {
		return errors.New("the text is changed")
	}
	return nil
}

func TestATypeThatDecodesItselfGetsItsTextAsItIs(t *testing.T) {
	var v struct {
		N   int
		Own []own
	}
	_, err := jsonvalue.Decode([]byte(`{"n":1.0,"own":[{"ID":1.0}]}`), &v)
	assert.NoError(t, err)
}
