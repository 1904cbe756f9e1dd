package jsonvalue

import (
	"encoding/json"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A rawText is a type whose method keeps the text.
type rawText struct{ text string }

func (r *rawText) UnmarshalJSON(text []byte) error {
	r.text = string(text)
	return nil
}

// oneOrMany is a type whose method decodes more than its text.
type oneOrMany []map[string]string

func (o *oneOrMany) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, (*[]map[string]string)(o))
}

type CostBase struct {
	Labels map[string]string
	Total  *big.Int
}

type costPart struct {
	Name  string
	Parts []costPart
	Notes map[string][]string
	Array [2]struct{ Any any }
}

type costRow struct {
	*CostBase
	ID     int64
	Raw    json.RawMessage
	Text   rawText
	Hidden map[string]any `json:"-"`
	Parts  []costPart
	Many   oneOrMany
	ByName map[string]costPart `json:"by_name,case:strict"`
	Tags   []string
}

const costLimit = 4 << 20 // values may take 8 MiB

func TestValuesThatAreNotDecodedDoNotCount(t *testing.T) {
	list := "[" + strings.Repeat("1,", 150_000) + "1]"
	objects := "[" + strings.Repeat(`{"a":[]},`, 80_000) + "{}]"
	for _, value := range []string{list, objects, `{"a":` + list + `}`, strings.Repeat("7", maxNumber+1)} {
		for _, members := range []string{`"Raw":`, `"raw" : `, `"Text":`, `"unknown":`, `"Hidden":`, `"-":`, `"BY_NAME":`, `"Parts":[{"Parts":[{"x":`, `"by_name":{"a":{"labels":`} {
			text := `{"id":1,"labels":{"a":"b"},` + members + value + closing(members) + `}`
			require.True(t, json.Valid([]byte(text)))
			assert.NoError(t, CheckCost([]byte(text), new(costRow), costLimit), "%s %.20s", members, value)
			assert.NoError(t, CheckCost([]byte("["+text+"]"), new([]costRow), costLimit), "%s %.20s", members, value)
		}
	}
}

func TestTheErrorNamesTheMemberWithTheMostValues(t *testing.T) {
	list := strings.Repeat(`[],`, 150_000) + "[]"
	maps := strings.Repeat(`{},`, 150_000) + "{}"
	labels := strings.Repeat(`"a":"",`, 80_000) + `"a":""`
	for members, c := range map[string]struct{ value, member string }{
		`"labels":`:                     {"{" + labels + "}", "Labels"},
		`"LABELS":`:                     {"{" + labels + "}", "Labels"},
		`"L\u0061bels":`:                {"{" + labels + "}", "Labels"},
		`"Parts":`:                      {"[" + maps + "]", "Parts"},
		`"parts":[{"parts":`:            {"[" + maps + "]", "Parts.Parts"},
		`"parts":[{"notes":`:            {`{"a":` + "[" + strings.Repeat(`"",`, 600_000) + `""]}`, "Parts.Notes"},
		`"by_name":{"x":{"notes":`:      {`{"a":` + "[" + strings.Repeat(`"",`, 600_000) + `""]}`, "by_name.Notes"},
		`"parts":[{"array":[{},{"any":`: {"[" + list + "]", "Parts.Array.Any"},
		`"raw":[[],[]],"many":`:         {"[" + maps + "]", "Many"},
		`"tags":`:                       {"[" + strings.Repeat(`"",`, 600_000) + `""]`, "Tags"},
	} {
		text := `{"id":1,` + members + c.value + closing(members) + `}`
		require.True(t, json.Valid([]byte(text)), members)
		err := CheckCost([]byte(text), new(costRow), costLimit)
		require.ErrorIs(t, err, sentinel.ErrTooLarge, members)
		assert.ErrorContains(t, err, ": the member "+c.member+" has values that would take more than 8 MiB of memory: decode the member "+c.member+" into a json.RawMessage", members)
	}
	err := CheckCost([]byte(`{"total":`+strings.Repeat("7", maxNumber+1)+`}`), new(costRow), costLimit)
	assert.ErrorContains(t, err, "a number of 131073 digits, more than 131072")
	err = CheckCost([]byte("["+maps+"]"), new([]costRow), costLimit)
	assert.ErrorContains(t, err, ": it has values that would take more than 8 MiB of memory: decode it into")
}

// closing returns the brackets that close those which the text opens.
func closing(text string) string {
	var end string
	for _, c := range text {
		switch c {
		case '[', '{':
			end = string(c+2) + end
		case ']', '}':
			end = end[1:]
		}
	}
	return end
}

func TestAValueThatIsNotRefusedTakesAboutTheMemoryOfTheLimit(t *testing.T) {
	type pointers struct {
		Raw  json.RawMessage
		Map  map[string]string
		List []struct {
			*CostBase
			A, B *struct{ Text [10]string }
			Any  any
		}
	}
	raw := `"Raw":[` + strings.Repeat("1,", 400_000) + `1]`
	for name, element := range map[string]string{
		"embedded": `{"Total":1}`, "pointers": `{"A":{},"b":{}}`, "any": `{"Any":1}`, "empty": `{}`, "any list": `{"Any":[]}`, "labels": `{"Labels":{"a":""}}`,
	} {
		n := 8000
		for ; n < 10_000_000; n = n * 3 / 2 {
			if text := `{` + raw + `,"List":[` + strings.Repeat(element+",", n) + `{}]}`; CheckCost([]byte(text), new(pointers), 4<<20) != nil {
				break
			}
		}
		text := `{` + raw + `,"List":[` + strings.Repeat(element+",", n*2/3) + `{}]}`
		v := new(pointers)
		before := liveHeap()
		_, err := Decode([]byte(text), v)
		require.NoError(t, err, name)
		took := liveHeap() - before
		runtime.KeepAlive(v)
		t.Logf("%s: %d elements, %d KiB of text, %d KiB of memory", name, len(v.List), len(text)>>10, took>>10)
		assert.Less(t, took, int64(2*8<<20), name)
	}
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// FuzzCountMemory checks that the count reaches the end of each valid text, which a refused
// record may otherwise not have.
func FuzzCountMemory(f *testing.F) {
	for _, text := range []string{
		`{"Labels":{"a":"b"},"total":12,"Raw":[1,{"a":2}],"parts":[{"Parts":[{}],"Notes":{"a":["b"]},"array":[{"any":[1]},{}]}]}`,
		` {"L\u0061bels" : null , "many":[{}],"text":{"a":[]},"by_name":{"":{}},"Tags":[ ]} `, `{"Tags":1,"Parts":{},"Total":"1"}`, `[]`, `1`, `{"a`, `]`, `{"Total":`,
	} {
		f.Add(text)
	}
	p := planFor(new(costRow), false).memory()
	f.Fuzz(func(t *testing.T, text string) {
		count, valid := countMemory([]byte(text), p)
		if count.bytes < 0 || count.digits > len(text) {
			t.Fatalf("%q: %d bytes, %d digits", text, count.bytes, count.digits)
		}
		value := jsontext.Value(text)
		if !valid && value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) && value.Kind() == '{' {
			t.Fatalf("%q: the count does not reach the end", text)
		}
	})
}

func TestWhatPointersPointToCountsForEachOfThem(t *testing.T) {
	type part struct{ Text [20]string }
	type node struct {
		Part *part
		Next *node
		List []node
	}
	elements := func(element string) []byte {
		return []byte(`{"List":[` + strings.Repeat(element+",", 150_000) + `{}]}`)
	}
	for _, element := range []string{`{"Part":{}}`, `{"Next":{"Next":{"Part":{}}}}`} {
		assert.ErrorIs(t, CheckCost(elements(element), new(node), costLimit), sentinel.ErrTooLarge, element)
	}
	for _, element := range []string{`{}`, `{"Part":null,"x":{"Part":{}}}`, `{"part":null}`} {
		assert.NoError(t, CheckCost(elements(element), new(node), 2*costLimit), element)
	}
}
