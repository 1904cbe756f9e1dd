package jsonvalue

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
)

type prunedLine struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

type prunedBase struct {
	Code string `json:"code"`
}

type pruned struct {
	prunedBase
	ID    int64          `json:"id"`
	Name  string         // matches in any case
	Lines []prunedLine   `json:"lines"`
	First *prunedLine    `json:"first"`
	Tags  map[string]int `json:"tags"`
	Any   any            `json:"any"`
	At    *time.Time     `json:"at"`
}

func TestOnlyMembersWithoutAFieldArePruned(t *testing.T) {
	for text, want := range map[string]string{
		`{"x":1,"id":2,"y":"z"}`:      `{"id":2}`,
		`{"x":1}`:                     `{}`,
		`{}`:                          `{}`,
		` { "x" : null , "ID" : 2 } `: `{"ID" : 2}`,
		`{"lines":[{"sku":"a","x":[1,{"y":true}]},null,{}]}`:   `{"lines":[{"sku":"a"},null,{}]}`,
		`{"first":{"z":-0.5,"QTY":1},"code":"c"}`:              `{"first":{"QTY":1},"code":"c"}`,
		`{"tags":{"x":1},"any":{"x":{"y":1}}}`:                 `{"tags":{"x":1},"any":{"x":{"y":1}}}`,
		`{"x":"größe","y":"\n","z":1e5,"name":"n"}`:            `{"y":"\n","z":1e5,"name":"n"}`,
		`{"x":01,"y":tru,"z":"` + "\xff" + `","w":[1,],"v":1}`: `{"x":01,"y":tru,"z":"` + "\xff" + `","w":[1,]}`,
	} {
		pr := pruner{text: []byte(text)}
		pr.next()
		assert.True(t, pr.value(planFor(new(pruned), false).shape), text)
		assert.Equal(t, want, string(pr.out), text)
	}
	for _, text := range []string{
		``, `{`, `{"id":1`, `{"id":1,}`, `{"id":1,"ID":2}`, `{"lines":[{"qty":1,"Qty":1}]}`, `{"größe":1}`, `{"\u0069d":1}`, `{"id" 1}`, `{"id":1 "x":2}`,
	} {
		pr := pruner{text: []byte(text)}
		pr.next()
		assert.False(t, pr.value(planFor(new(pruned), false).shape), text)
	}
}

func TestTypesThatMayNeedEveryMemberAreNotPruned(t *testing.T) {
	for _, v := range []any{
		new(pruned), new([]pruned), new(struct{ P *pruned }),
	} {
		assert.True(t, planFor(v, false).prunes, "%T", v)
	}
	for _, v := range []any{
		new(map[string]pruned), new(map[string]any), new(any), new(int), new(json.RawMessage), new(time.Time),
		new(struct{ M map[string]prunedLine }),
		new(struct{ M map[string]map[string]int }),
		new(struct {
			ID   int            `json:"id"`
			Rest map[string]any `json:",embed"`
		}),
		new(struct {
			Upper int         `json:"ID"`
			Lower *prunedLine `json:"id"`
		}),
	} {
		assert.False(t, planFor(v, false).prunes, "%T", v)
	}
	assert.False(t, planFor(new(pruned), false).keepsText)
	assert.True(t, planFor(new(struct{ K keeper }), false).keepsText)
}

// A keeper keeps the text that it is decoded from.
type keeper struct{ text []byte }

func (k *keeper) UnmarshalJSON(b []byte) error { k.text = b; return nil }

func TestAMethodMayKeepTheTextThatItDecodes(t *testing.T) {
	type record struct {
		K keeper `json:"k"`
	}
	var all [3]record
	for i, text := range []string{`{"k":"aaa","x":1,"y":2}`, `{"k":"bbb","x":1,"y":2}`, `{"k":"ccc","x":1,"y":2}`} {
		_, err := Decode([]byte(text), &all[i])
		assert.NoError(t, err)
	}
	assert.Equal(t, `"aaa" "bbb" "ccc"`, string(all[0].K.text)+" "+string(all[1].K.text)+" "+string(all[2].K.text))
}

func TestManyMembersWithoutAFieldMayBePrunedInAnyCase(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"ID":7`)
	for i := range 300 {
		b.WriteString(`,"` + strings.Repeat("x", i+1) + `":[` + strings.Repeat("[", i%12) + strings.Repeat("]", i%12) + `]`)
	}
	b.WriteString(`,"NAME":"n"}`)
	var v pruned
	_, err := Decode([]byte(b.String()), &v)
	assert.NoError(t, err)
	assert.Equal(t, pruned{ID: 7, Name: "n"}, v)
}

// FuzzPrune compares a value that is decoded from pruned text with the value of the whole
// text.
func FuzzPrune(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"x":"größe","lines":[{"qty":2,"y":[1,{"a":"b"}]}]}`, `{"Id":1,"y":-0.5e3}`, `{"id":1,"ID":1}`, `{"\u017fku":1,"x":[[[[[[[[[]]]]]]]]]}`,
		`{"x":1,"code":"a","tags":{"a":1,"a":2},"any":{"q":1,"q":2}} `, `{"x":tru}`, `{"x":{"a":1]}}`, `[{"id":1}]`, `{"id":1,"x":01}`, `{"x":"a` + "\x01" + `"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var got, want pruned
		p := newPlan(reflect.TypeFor[pruned](), false)
		if _, ok := p.decodePruned([]byte(text), &got, true); !ok {
			if !reflect.ValueOf(got).IsZero() {
				t.Fatalf("%q: the value has been changed: %+v", text, got)
			}
			return
		}
		if err := jsonv2.Unmarshal([]byte(text), &want, p.lenient); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, want %+v", text, got, want)
		}
		// The members that count do not depend on their order.
		rewritten, _, err := rewrite([]byte(text), p.shape, false)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want = pruned{}
		if err := jsonv2.Unmarshal(rewritten, &want, p.lenient); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %+v, want %+v, %v", text, got, want, err)
		}
	})
}
