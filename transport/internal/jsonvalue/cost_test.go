package jsonvalue

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

func TestOnlyAValueThatTakesMuchMoreMemoryThanItsTextIsRefused(t *testing.T) {
	type row struct {
		ID    int64
		Name  string
		Parts []struct{ A, B string }
	}
	const limit = 1 << 20
	empty := `{"Parts":[` + strings.Repeat("{},", 300_000) + `{}]}`
	usual := `{"Parts":[` + strings.Repeat(`{"A":"some text","B":"more of the text"},`, 20_000) + `{}]}`
	object := `{` + strings.Repeat(`"a":1,`, 100_000) + `"b":1}`
	assert.ErrorIs(t, CheckCost([]byte(empty), new(row), limit), sentinel.ErrTooLarge)
	assert.ErrorIs(t, CheckCost([]byte(empty), new(any), limit), sentinel.ErrTooLarge)
	assert.ErrorIs(t, CheckCost([]byte(object), new(row), limit), sentinel.ErrTooLarge)
	assert.ErrorIs(t, CheckCost([]byte(object), new(map[string]any), limit), sentinel.ErrTooLarge)
	for _, text := range []string{empty, usual, object} {
		assert.NoError(t, CheckCost([]byte(text), new(json.RawMessage), limit))
		assert.NoError(t, CheckCost([]byte(text), new(row), 64*limit))
	}
	assert.NoError(t, CheckCost([]byte(usual), new(row), limit))
	assert.NoError(t, CheckCost([]byte(usual), new(any), limit))
}

// FuzzCountValues compares the counts of values with those of a decoder, for valid JSON.
func FuzzCountValues(f *testing.F) {
	for _, text := range []string{`[]`, `[1,2]`, `{"a":[1,{"b":","}],"c":{}}`, `[[],{},"[",-12.5e3]`, `{"a`, `]`, `,`, "[1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		values, largest, digits := countValues([]byte(text), true)
		elements, _, _ := countValues([]byte(text), false)
		if elements > values || largest > values || digits > len(text) {
			t.Fatalf("%q: %d of %d values, %d members, %d digits", text, elements, values, largest, digits)
		}
		if !jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			return
		}
		// An opening bracket and each comma count.
		d := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		var want int64
		for d.PeekKind() != 0 {
			kind, n := d.StackIndex(d.StackDepth())
			if n > 0 && d.PeekKind() != '}' && d.PeekKind() != ']' && (kind == '[' || kind == '{' && n%2 == 0) {
				want++
			}
			tok, err := d.ReadToken()
			if err != nil {
				return
			}
			if tok.Kind() == '[' || tok.Kind() == '{' {
				want++
			}
		}
		if values != want {
			t.Fatalf("%q: %d values, want %d", text, values, want)
		}
	})
}
