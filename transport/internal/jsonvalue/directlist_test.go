package jsonvalue

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type listRecord struct {
	Tags  []string       `json:"tags"`
	Parts []DirectPart   `json:"parts"` // which contain the same type of list
	Grid  [][]int8       `json:"grid"`
	Wide  [][100]float64 `json:"wide"`
	None  []struct{}     `json:"none"`
}

// listText returns the text of a record whose lists have other lengths than those of its
// neighbours.
func listText(i int) string {
	list := func(n int, element string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(strings.ReplaceAll(element, "%", fmt.Sprint(i%100))+",", n), ",") + "]"
	}
	return fmt.Sprintf(`{"tags":%s,"parts":%s,"grid":%s,"none":%s}`,
		list(i%5, `"tag %"`), list(i%7, `{"sku":"%","parts":`+list(i%3, `{"qty":%}`)+`}`), list(i%3, `[%,-1]`), list(i%300, `{}`))
}

func TestListsOfARecordAreNotChangedByLaterRecords(t *testing.T) {
	var got, want [1000]listRecord
	for i := range got {
		_, _, err := DecodeZero([]byte(listText(i)), &got[i])
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal([]byte(listText(i)), &want[i]))
	}
	require.Equal(t, want, got)
}

func TestAppendingToAListOfARecordDoesNotChangeAnotherRecord(t *testing.T) {
	var records [3]struct {
		Tags []string `json:"tags"`
	}
	for i := range records {
		_, _, err := DecodeZero(fmt.Appendf(nil, `{"tags":["a%d","b%d"]}`, i, i), &records[i])
		require.NoError(t, err)
	}
	for i := range records {
		records[i].Tags = append(records[i].Tags, "more")
	}
	for i := range records {
		assert.Equal(t, []string{fmt.Sprint("a", i), fmt.Sprint("b", i), "more"}, records[i].Tags)
	}
}

func TestAListAfterAnUnreadableRecordBeginsEmpty(t *testing.T) {
	type record struct {
		Parts []DirectPart `json:"parts"`
	}
	p := planFor(new(record), false)
	for i := range 100 {
		p.pause.Store(0)
		var bad, good record
		_, _, err := DecodeZero([]byte(`{"parts":[{"sku":"left","qty":7},{"sku":1}]}`), &bad)
		require.Error(t, err)
		p.pause.Store(0)
		_, _, err = DecodeZero([]byte(`{"parts":[{},{"qty":1}]}`), &good)
		require.NoError(t, err)
		require.Equal(t, []DirectPart{{}, {Qty: 1}}, good.Parts, i)
	}
}

// A caller who keeps one list of many records keeps little else in memory.
func TestAKeptListDoesNotKeepManyLongTexts(t *testing.T) {
	type record struct {
		Notes []string `json:"notes"`
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	text := []byte(`{"notes":["` + strings.Repeat("x", 100<<10) + `"]}`)
	before := heap()
	var kept [][]string
	for i := range 400 {
		var v record
		_, _, err := DecodeZero(text, &v)
		require.NoError(t, err)
		if i%40 == 0 {
			kept = append(kept, v.Notes)
		}
	}
	assert.Less(t, int64(heap())-int64(before), int64(4<<20), "10 texts of 100 KB are kept of 400")
	runtime.KeepAlive(kept)
}

// heapOf returns the number of bytes of memory that the result of f takes.
func heapOf[T any](f func() T) uint64 {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	kept := f()
	after := heap()
	runtime.KeepAlive(kept)
	return after - min(before, after)
}

func TestAKeptListDoesNotKeepALongTextAfterIt(t *testing.T) {
	type record struct {
		Tags  []string `json:"tags"`
		Notes []string `json:"notes"`
	}
	long := `["` + strings.Repeat("x", 100<<10) + `"`
	for name, texts := range map[string][]string{
		"of the next record":    {`{"tags":["small"]}`, `{"notes":` + long + `]}`},
		"of the same record":    {`{"tags":["small"],"notes":` + long + `]}`},
		"of a list of many":     {`{"tags":["small"],"notes":` + long + strings.Repeat(`,"y"`, 300) + `]}`},
		"of a list that begins": {`{"tags":["1","2","3"],"notes":` + long + `,"y"]}`},
	} {
		assert.Less(t, heapOf(func() (kept [][]string) {
			for range 100 {
				for _, text := range texts {
					var v record
					_, _, err := DecodeZero([]byte(text), &v)
					require.NoError(t, err)
					if v.Tags != nil {
						kept = append(kept, v.Tags)
					}
				}
			}
			return kept
		}), uint64(2<<20), name)
	}
}

func TestListsWithinListsOfTheSameTypeTakeLittleMemory(t *testing.T) {
	type node struct {
		Children []node `json:"children"`
	}
	const n = 10_000
	text := []byte(`{"children":[{"children":[{}]}]}`)
	assert.Less(t, heapOf(func() (kept [n]node) {
		for i := range kept {
			_, _, err := DecodeZero(text, &kept[i])
			require.NoError(t, err)
		}
		return kept
	}), uint64(n*200))
}

func TestLongListsAreThoseOfTheDecoder(t *testing.T) {
	for _, n := range []int{1, 3, 4, 5, 63, 64, 65, 129, 1025, 5000} {
		text := `{"tags":["x"` + strings.Repeat(`,"y"`, n-1) + `],"wide":[` + strings.TrimSuffix(strings.Repeat("null,", n%70), ",") + `],"parts":[` + strings.TrimSuffix(strings.Repeat(`{"parts":[{},{}]},`, n), ",") + `]}`
		decodeBoth[listRecord](t, text)
	}
}
