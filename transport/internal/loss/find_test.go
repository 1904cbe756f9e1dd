package loss

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	number  int64
	lenient int64 // decodes itself, and leaves 0 for null on purpose
	flag    bool  // decodes itself, and ignores null
	instant string
	wrapped struct{ time.Time }
	item    struct {
		Qty   int64  `json:"qty"`
		SKU   string `json:"sku"`
		Price *int64 `json:"price"`
		Parts []item `json:"parts"`
	}
	base struct {
		Code string `json:"code"`
		ID   int64  `json:"id"` // hidden by order.ID
	}
	order struct {
		base
		*deep
		ID      int64             `json:"id"`
		Paid    bool              `json:"paid"`
		Score   float64           // matched without regard to case
		Status  number            `json:"status"`
		Ship    item              `json:"ship"`
		Items   []item            `json:"items"`
		Lookup  map[string]*item  `json:"lookup"`
		Counts  map[string]int    `json:"counts"`
		Codes   []int             `json:"codes"`
		Pair    [2]string         `json:"pair"`
		Big     big.Int           `json:"big"`
		Addr    netip.Addr        `json:"addr"`
		Hash    [2]byte           `json:"hash"`
		Own     bool              `json:"own" schema:"-"`
		OwnList []item            `json:"own_list" schema:"-"`
		Empty   int               `json:"empty,omitempty"`
		Zero    int               `json:"zero,omitzero"`
		Skipped int               `json:"-"`
		Ptr     *int64            `json:"ptr"`
		Any     any               `json:"any"`
		Map     map[string]any    `json:"map"`
		Raw     json.RawMessage   `json:"raw"`
		Num     json.Number       `json:"num"`
		Null    sql.Null[int64]   `json:"null"`
		NullStr sql.NullString    `json:"null_str"`
		At      time.Time         `json:"at"`
		Wrapped wrapped           `json:"wrapped"`
		Instant instant           `json:"instant"`
		Lenient lenient           `json:"lenient"`
		Flag    flag              `json:"flag"`
		Bytes   []byte            `json:"bytes"`
		BigPtr  *big.Int          `json:"big_ptr"`
		Labels  map[string]string `json:"labels"`
	}
	deep struct {
		Depth int `json:"depth"`
	}
)

func (l *lenient) UnmarshalJSON([]byte) error { *l = 0; return nil }

func (f *flag) UnmarshalJSON(text []byte) error {
	if string(text) != "null" {
		*f = string(text) == `"yes"`
	}
	return nil
}

func (instant) ColumnTime() (time.Time, bool) { return time.Time{}, false }

func (*instant) UnmarshalText([]byte) error { return nil }

// lost returns the paths and the Go names of the nulls that are lost.
func lost(p *Plan, record string) []string {
	var all []string
	p.Find([]byte(record), func(f *Field, path []string) { all = append(all, Path(path)+" "+f.Name) })
	return all
}

func TestANullIsFoundWhereItsFieldCannotHoldIt(t *testing.T) {
	p := For[order]()
	for record, want := range map[string]string{
		`{"id":null}`:                 "id loss.order.ID",
		`{"code" : null}`:             "code loss.base.Code",
		`{"depth":null}`:              "depth loss.deep.Depth",
		`{"paid":null}`:               "paid loss.order.Paid",
		`{"score":null}`:              "score loss.order.Score",
		`{"SCORE":null}`:              "SCORE loss.order.Score",
		`{"sc\u006fre":null}`:         "score loss.order.Score",
		`{"status":null}`:             "status loss.order.Status",
		`{"ship":null}`:               "ship loss.order.Ship",
		`{"ship":{"qty":null}}`:       "ship.qty loss.item.Qty",
		`{"items":[{},{"sku":null}]}`: "items[].sku loss.item.SKU",
		`{"items":[{"qty":1},null]}`:  "items[] the elements of loss.order.Items",
		`{"items":[{"parts":[{"parts":[{"qty":null}]}]}]}`: "items[].parts[].parts[].qty loss.item.Qty",
		`{"lookup":{"a":{"qty":null}}}`:                    "lookup.*.qty loss.item.Qty",
		`{"counts":{"a":null}}`:                            "counts.* the values of loss.order.Counts",
		`{"codes":[ null]}`:                                "codes[] the elements of loss.order.Codes",
		`{"pair":null}`:                                    "pair loss.order.Pair",
		`{"pair":["a",null]}`:                              "pair[] the elements of loss.order.Pair",
		`{"big":null}`:                                     "big loss.order.Big",
		`{"addr":null}`:                                    "addr loss.order.Addr",
		`{"flag":null}`:                                    "flag loss.order.Flag",
		`{"hash":null}`:                                    "hash loss.order.Hash",
		`{"labels":{"a":null}}`:                            "labels.* the values of loss.order.Labels",
		`{"own_list":[{"qty":null}]}`:                      "own_list[].qty loss.item.Qty",
	} {
		assert.Equal(t, []string{want}, lost(p, record), record)
	}
}

func TestANullIsNotReportedWhereItIsKeptOrNotDelivered(t *testing.T) {
	p := For[order]()
	for _, name := range []string{
		"items", "lookup", "counts", "codes", "own", "own_list", "empty", "zero", "-", "Skipped", "ptr", "any", "map", "raw", "num", "null",
		"null_str", "at", "wrapped", "instant", "lenient", "bytes", "big_ptr", "labels", "unknown",
	} {
		assert.Empty(t, lost(p, `{"`+name+`":null}`), name)
	}
	for _, record := range []string{
		`{}`, `{"code":"null"}`, `{"code":"\"id\":null"}`, `{"any":{"id":null}}`, `{"items":[{"price":null}]}`, `{"lookup":{"a":null}}`, `{"null":{"V":null}}`,
	} {
		assert.Empty(t, lost(p, record), record)
	}
}

func TestATypeThatKeepsEveryNullHasNoPlan(t *testing.T) {
	type kept struct {
		A *int            `json:"a"`
		B []string        `json:"-"`
		C json.RawMessage `json:"c"`
		D map[string]any  `json:"d"`
	}
	assert.Nil(t, For[kept]())
	assert.Nil(t, For[map[string]any]())
	assert.Nil(t, For[json.RawMessage]())
	assert.Nil(t, For[any]())
	assert.NotNil(t, For[map[string]int]())
	assert.Equal(t, []string{"[] the elements of []int"}, lost(For[[]int](), `[1,null]`))
}

func TestTheEmptyCellOfAStringIsNotLost(t *testing.T) {
	assert.Empty(t, lost(ForCells[order](), `{"code":null}`))
	assert.Len(t, lost(ForCells[order](), `{"id":null}`), 1)
}

// A list can be a type of itself.
type endless []endless

func TestATypeThatContainsItselfHasAPlan(t *testing.T) {
	assert.Nil(t, For[endless]())
	type node struct {
		Value int   `json:"value"`
		Next  *node `json:"next"`
	}
	assert.Equal(t, []string{"next.next.value loss.node.Value"}, lost(For[node](), `{"next":{"next":{"value":null}}}`))
}

// FuzzFind compares the quick test with a search of the whole record.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		`{"id":null}`, `{"code":"null","id": null}`, `{"a\"id":null}`, `{"counts":{"x":null}}`, `{"items":[{"qty":null},null]}`, `{"\u0069d":null}`, `[null]`, `{"K":null}`,
		`{"score":12345678901234562.89}`, `{"rates":[1.5,"-99999999999999999.99"]}`, `{"score":1.5,"code":"12345678901234567"}`, `{"rate":16777217}`,
	} {
		f.Add([]byte(seed))
	}
	type plain struct {
		ID    int64      `json:"id"`
		K     string     `json:"k"`
		Rate  float32    `json:"rate"`
		Rates []*float64 `json:"rates"`
		Items []*struct {
			Qty int `json:"qty"`
		} `json:"items"`
	}
	plans := []*Plan{For[order](), For[plain](), For[item]()}
	f.Fuzz(func(t *testing.T, record []byte) {
		if !jsontext.Value(record).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			return
		}
		before := bytes.Clone(record)
		for _, p := range plans {
			var want []string
			p.search(record, func(f *Field, path []string) { want = append(want, Path(path)+" "+f.Name) })
			got := lost(p, string(record))
			require.Equal(t, want, got)
		}
		require.Equal(t, before, record)
	})
}

func BenchmarkFind(b *testing.B) {
	for name, record := range map[string]string{
		"no null":   `{"id":1,"code":"a","paid":true,"items":[{"qty":1,"sku":"abc"}],"ptr":5}`,
		"kept null": `{"id":1,"code":"a","paid":true,"items":[{"qty":1,"sku":"abc","price":null}],"ptr":null}`,
		"lost null": `{"id":1,"code":null,"paid":true,"items":[{"qty":1,"sku":"abc"}],"ptr":5}`,
	} {
		b.Run(name, func(b *testing.B) {
			type row struct {
				ID    int64  `json:"id"`
				Code  string `json:"code"`
				Paid  bool   `json:"paid"`
				Items []item `json:"items"`
				Ptr   *int   `json:"ptr"`
			}
			p, text := For[row](), []byte(record)
			b.ReportAllocs()
			for b.Loop() {
				p.Find(text, func(*Field, []string) {})
			}
		})
	}
}
