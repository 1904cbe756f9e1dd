package jsonvalue

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/loss"
)

type directStatus string

// A directText has a method that decodes JSON. It refuses "bad".
type directText string

func (d *directText) UnmarshalJSON(data []byte) error {
	if string(data) == `"bad"` {
		return errors.New("it is bad")
	}
	*d = directText(data)
	return nil
}

type DirectPart struct {
	SKU   string       `json:"sku"`
	Qty   int32        `json:"qty,omitempty"`
	Price directText   `json:"price"`
	Parts []DirectPart `json:"parts"`
}

type directBase struct {
	Code string `json:"code"`
}

type directRecord struct {
	directBase
	DirectPart
	ID      int64            `json:"id"`
	Small   int8             `json:"small"`
	Count   uint16           `json:"count"`
	Large   uint64           `json:"large"`
	Rate    float64          `json:"rate"`
	Rate32  float32          `json:"rate32"`
	Name    string           // matches in any case
	Status  directStatus     `json:"status"`
	Done    bool             `json:"done"`
	At      time.Time        `json:"at"`
	Since   *time.Time       `json:"since,omitzero"`
	Raw     json.RawMessage  `json:"raw"`
	RawP    *json.RawMessage `json:"raw_p"`
	Any     any              `json:"any"`
	Counts  map[string]int   `json:"counts"`
	ByName  map[string]DirectPart
	Text    directText        `json:"text"`
	TextP   *directText       `json:"text_p"`
	Lines   []DirectPart      `json:"lines"`
	LineP   []*DirectPart     `json:"line_p"`
	Tags    []string          `json:"tags"`
	Grid    [][]int64         `json:"grid"`
	Anys    []any             `json:"anys"`
	First   **DirectPart      `json:"first"`
	Parent  *directRecord     `json:"parent"`
	Bytes   []byte            `json:"bytes"`
	Pair    [2]int            `json:"pair"`
	Number  json.Number       `json:"number"`
	Big     big.Int           `json:"big"`
	BigP    *big.Int          `json:"big_p"`
	Null    sql.NullInt64     `json:"null"`
	Skipped string            `json:"-"`
	Times   []time.Time       `json:"times"`
	Raws    []json.RawMessage `json:"raws"`
}

var plainPlans sync.Map // reflect.Type to *plan

// plainPlan returns a plan for which the decoder reads all values.
func plainPlan[T any]() *plan {
	p, ok := plainPlans.Load(reflect.TypeFor[T]())
	if !ok {
		plain := newPlan(reflect.TypeFor[T](), false)
		plain.direct, plain.prunes = nil, false
		p, _ = plainPlans.LoadOrStore(reflect.TypeFor[T](), plain)
	}
	return p.(*plan)
}

// decodeBoth decodes a text as the package does, and by the decoder alone. It reports whether
// the first read it without the decoder.
func decodeBoth[T any](t *testing.T, text string) (direct bool) {
	t.Helper()
	p, plain := planFor(new(T), false), plainPlan[T]()
	require.NotNil(t, p.direct)
	for _, p := range []*plan{p, plain} {
		p.pause.Store(0)
		p.rewrites.Store(false)
	}
	var got, want, quick T
	_, _, err := p.decode([]byte(text), &got, true)
	_, _, wantErr := plain.decode([]byte(text), &want, true)
	if wantErr == nil {
		require.NoError(t, err, text)
	} else {
		require.EqualError(t, err, wantErr.Error(), text)
	}
	require.Equal(t, want, got, text)

	// The same text followed by another one, as a stream has it.
	p.pause.Store(0)
	buf := []byte(text + "\n{}")
	n, lossy, direct := p.decodeDirect(buf, &quick, false)
	var prefix T
	if !direct {
		require.Zero(t, quick, text)
		return false
	}
	_, _, err = plain.decode(bytes.Clone(buf[:n]), &prefix, true)
	clear(buf) // the values share no memory with the text
	require.NoError(t, err, text)
	require.Equal(t, prefix, quick, text)
	if !lossy {
		loss.For[T]().Find([]byte(text), func(f *loss.Field, path []string) {
			t.Errorf("%s: the value at %q is lost in %s", text, path, f.Name)
		})
	}
	return true
}

var directTexts = []string{
	`null`, `{}`, ` { } `, `{"id":1}`, `{"ID":-5,"name":"Ab","NAme2":0}`, `{"id":9223372036854775807,"small":-128,"count":65535,"large":9999999999999999999}`,
	`{"rate":-0.5,"rate32":16777217}`, `{"rate":12345678901234562.89}`, `{"rate32":0.10000000149011612,"rate":0.10000000149011612}`, `{"any":{"a":12345678901234562.89}}`, `{"rate":1e-7}`, `{"rate":-0}`, `{"name":"größe","status":"paid","done":true}`,
	`{"name":"a\"b\n\u00e9\ud83d\ude00","done":false}`, `{"at":"2024-02-29T23:59:59.123456789Z","since":"2024-01-01T00:00:00+05:30"}`,
	`{"at":"2024-01-01T00:00:00-00:00","times":["2024-01-01T00:00:00.5Z",null]}`, `{"at":"2024\u002d01-01T00:00:00Z"}`,
	`{"raw":{"a": [1, "x\n", 1e5, {"b":null}]},"raw_p":[ ],"raws":[1,null,"x"]}`, `{"raw":null,"raw_p":null}`,
	`{"any":{"a":[1,2.50,null,"x",true]},"anys":[1,"a",{}],"counts":{"a":1},"ByName":{"x":{"sku":"s"}}}`,
	`{"text":"1.50","text_p":null}`, `{"text":null,"text_p":{"a" : 1}}`, `{"lines":[{"sku":"a","qty":1,"price":2.50,"x":[1,{"y":"z"}]},null,{}],"line_p":[null,{"qty":2}],"tags":[],"grid":[[1,2],[],null]}`,
	`{"first":{"sku":"x","parts":[{"parts":[{"qty":3}]}]},"parent":{"id":2,"parent":{"id":3,"parent":null}}}`,
	`{"bytes":"AQID","pair":[1,2],"number":12.50,"big":123456789012345678901234567890,"big_p":-7,"null":{"Int64":5,"Valid":true}}`,
	`{"code":"c","sku":"s","qty":7,"price":"1","parts":null,"Skipped":"x","inner":1,"DirectPart":1}`, `{"tags":["a",null,"a","b"],"x":"\u0041"}`,
}

var indirectTexts = []string{
	`[]`, `1`, `{`, `{"id":1`, `{"id":1,}`, `{"id":}`, `{"id" 1}`, `{"id":1 "small":2}`,
	`{"id":1,"ID":2}`, `{"id":1,"id":1}`, `{"id":"1"}`, `{"id":1.0}`, `{"id":1e2}`, `{"id":-0}`, `{"id":01}`, `{"id":9223372036854775808}`, `{"id":-9223372036854775808}`, `{"small":128}`, `{"count":-1}`, `{"count":65536}`, `{"large":18446744073709551615}`, `{"id":true}`,
	`{"rate":"1"}`, `{"rate":1e999}`, `{"rate32":1e39}`, `{"rate":1.}`, `{"name":1}`, `{"name":"` + "\xff" + `"}`, `{"name":"\ud800"}`, `{"name":"\x"}`, `{"name":"` + "\x01" + `"}`,
	`{"größe":1}`, `{"\u0069d":1}`, `{"done":"true"}`, `{"done":tru}`, `{"done":truex}`,
	`{"at":"2024-01-01"}`, `{"at":"2024-01-01T0:00:00Z"}`, `{"at":"2024-01-01T00:00:00,5Z"}`, `{"at":"2024-01-01T00:00:00+24:00"}`, `{"at":"2024-13-01T00:00:00Z"}`, `{"at":"2023-02-29T00:00:00Z"}`, `{"at":"2024-01-01t00:00:00z"}`, `{"at":1}`, `{"at":""}`,
	`{"raw":tru}`, `{"raw":[1,}`, `{"raw":"` + "\xff" + `"}`, `{"text":"bad"}`, `{"any":{"a":1,"a":2}}`, `{"counts":{"a":"b"}}`, `{"lines":{}}`, `{"lines":[{]}`, `{"lines":[{"qty":1.5}]}`,
	`{"bytes":"?"}`, `{"pair":[1]}`, `{"number":"x"}`, `{"parent":[]}`, `{"x":01}`, `{"x":"\x"}`, `{"x":{"a"}}`, `{"x":[1,]}`,
}

// wholeTexts begin with a value.
var wholeTexts = []string{``, ` `, `{"id":1}}`, `{"id":1} x`, `{} {}`, `[]]`, `{},`}

func TestValuesThatAreReadDirectlyAreThoseOfTheDecoder(t *testing.T) {
	for _, text := range directTexts {
		assert.True(t, decodeBoth[directRecord](t, text), text)
		assert.True(t, decodeBoth[[]directRecord](t, "["+text+","+text+"]"), text)
	}
}

func TestTheDecoderReportsWhatCannotBeReadDirectly(t *testing.T) {
	for _, text := range indirectTexts {
		assert.False(t, decodeBoth[directRecord](t, text), text)
	}
	for _, text := range wholeTexts {
		decodeBoth[directRecord](t, text)
	}
	for _, text := range []string{ // accepted, since nothing depends on the members
		`{"x":1,"x":2}`, `{"raw":{"a":1,"a":2}}`, `{"x":{"a":1,"a":2}}`,
	} {
		assert.True(t, decodeBoth[directRecord](t, text), text)
	}
}

func TestLargeAndDeepValuesAreThoseOfTheDecoder(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	long := strings.Repeat(`x\n`, maxDelegated)
	for _, text := range []string{
		`{"x":` + nest(9_998) + `}`, `{"x":` + nest(9_999) + `}`, `{"x":` + nest(10_000) + `}`, `{"raw":` + nest(10_001) + `}`, `{"any":` + nest(9_999) + `}`, `{"any":` + nest(10_000) + `}`,
		`{"lines":[{"x":` + nest(9_997) + `}]}`, `{"lines":[{"x":` + nest(9_998) + `}]}`, `{"name":"` + long + `","x":"` + long + `","raw":"` + long + `"}`,
		strings.Repeat(`{"parent":`, 300) + `{}` + strings.Repeat(`}`, 300),
		strings.Repeat(`{"parent":`, 10_001) + `{}` + strings.Repeat(`}`, 10_001),
		strings.Repeat(`{"parts":[`, 4_000) + strings.Repeat(`]}`, 4_000),
	} {
		decodeBoth[directRecord](t, text)
	}
}

func TestTypesWithSpecialTagsAreNotReadDirectly(t *testing.T) {
	for _, v := range []any{
		new(struct {
			ID int `json:"id,string"`
		}),
		new(struct {
			ID int `json:"id,case:strict"`
		}),
		new(struct {
			A int `json:"id"`
			B int `json:"ID"`
		}),
		new(struct {
			Rest map[string]any `json:",embed"`
		}),
		new(struct {
			A int `json:"größe"`
		}),
		new(struct {
			A int `json:"'a'"`
		}),
		new(struct {
			*DirectPart
		}),
		new(map[string]int), new(any), new(int), new(time.Time), new(json.RawMessage), new([]any), new([]byte),
	} {
		assert.Nil(t, planFor(v, false).direct, "%T", v)
	}
	assert.Nil(t, planFor(new(directRecord), true).direct, "cells")
}

// A caller may keep a record and change the text.
func TestAStringIsNotChangedByALaterOne(t *testing.T) {
	var kept []DirectPart
	for i := range 2000 {
		sku := strings.Repeat("x", i%40) + string(rune('a'+i%26))
		var v DirectPart
		_, _, err := DecodeZero([]byte(`{"sku":"`+sku+`"}`), &v)
		require.NoError(t, err)
		kept = append(kept, v)
	}
	for i, v := range slices.Backward(kept) {
		require.Equal(t, strings.Repeat("x", i%40)+string(rune('a'+i%26)), v.SKU)
	}
}

// FuzzDirect compares the values and errors with those of the decoder.
func FuzzDirect(f *testing.F) {
	for i := range 20 {
		f.Add(listText(i))
	}
	for _, text := range slices.Concat(directTexts, indirectTexts, wholeTexts) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		decodeBoth[directRecord](t, text)
		decodeBoth[[]DirectPart](t, text)
		decodeBoth[listRecord](t, text)
	})
}

func BenchmarkDecodeRecord(b *testing.B) {
	type item struct {
		Line     int32      `json:"line"`
		SKU      string     `json:"sku"`
		Quantity int64      `json:"quantity"`
		Price    directText `json:"price"`
	}
	type order struct {
		ID       int64           `json:"id"`
		Status   string          `json:"status"`
		Total    directText      `json:"total"`
		At       time.Time       `json:"updated_at"`
		Tags     []string        `json:"tags"`
		Shipping json.RawMessage `json:"shipping"`
		Items    []item          `json:"items"`
	}
	text := []byte(`{"id":9007199254740993,"customer_id":314,"status":"shipped","total":"2598.77","currency":"EUR","updated_at":"2024-01-01T00:00:00.000001Z","deleted":false,"tags":["gift"],"shipping":{"city":"東京"},"items":[{"line":1,"sku":"SKU-82595","quantity":4,"price":"521.60"},{"line":2,"sku":"SKU-14515","quantity":3,"price":"170.79"}]}`)
	run := func(b *testing.B, p *plan) {
		b.ReportAllocs()
		for b.Loop() {
			var v order
			if _, _, err := p.decode(text, &v, true); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("direct", func(b *testing.B) { run(b, planFor(new(order), false)) })
	b.Run("decoder", func(b *testing.B) { run(b, plainPlan[order]()) })
}
