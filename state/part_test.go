package state_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestPartsStoreValues(t *testing.T) {
	d := state.New()
	part := d.Table("t")
	type page struct{ Number int }
	require.NoError(t, part.Set("page", page{7}))
	require.NoError(t, part.Set("gone", true))
	require.NoError(t, part.Set("null", nil))
	part.Delete("gone")
	part.Delete("never was")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"null":null,"page":{"Number":7}}}`, string(d.Saved()))
	var p page
	found, err := next(t, d).Table("t").Get("page", &p)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, page{7}, p)
	found, err = part.Get("gone", &p)
	require.NoError(t, err)
	assert.False(t, found)
	var n int64
	state.NewCursor[int64](d, "t", state.Sorted()).Advance(5)
	found, err = part.Get("cursor", &n)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, int64(5), n)
	part.Delete("page")
	assert.Contains(t, string(d.Saved()), "page", "a deleted key stays saved until the next checkpoint")
}

func TestADeletedKeyStaysDeletedAfterACursorUsedIt(t *testing.T) {
	for _, c := range []struct {
		name, key string
		use       func(st *state.Document)
	}{
		{"partitions", "partitions", func(st *state.Document) {
			state.NewPartitions[int64](st, "t", 10, state.Sorted()).Cursor("1").Advance(5)
		}},
		{"cursor", "cursor", func(st *state.Document) { state.NewCursor[int64](st, "t").Advance(7) }},
		{"cursor with a key", "snapshot", func(st *state.Document) {
			state.NewCursor[int64](st, "t", state.Key("snapshot")).Advance(7)
		}},
		{"value", "value", func(st *state.Document) { require.NoError(t, st.Table("t").Set("value", 1)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := state.New()
			c.use(st)
			st.Table("t").Delete(c.key)
			if err := st.Finish("t"); err == nil {
				assert.NotContains(t, string(st.Saved()), `"`+c.key+`"`, "the deleted key is saved again")
			}
		})
	}
}

// Each use has a cursor in use whose key the test deletes.
func TestACursorInUseNeverWritesADeletedKeyAgain(t *testing.T) {
	type use func(d *state.Document) (advance func(v int64), restarted func() bool)
	cursor := func(opts ...state.Option) use {
		return func(d *state.Document) (func(int64), func() bool) {
			return state.NewCursor[int64](d, "t", opts...).Advance, state.NewCursor[int64](d, "t", opts...).First
		}
	}
	partition := func(limit int, opts ...state.Option) use {
		return func(d *state.Document) (func(int64), func() bool) {
			p := state.NewPartitions[int64](d, "t", limit, opts...)
			return func(v int64) {
				for _, name := range []string{"a", "b"} {
					p.Cursor(name).Advance(v)
				}
			}, p.Cursor("a").First
		}
	}
	sorted, key, bound := state.Sorted(), state.Key("x"), state.UpTo(int64(50))
	for what, c := range map[string]struct {
		key string
		use use
	}{
		"cursor":                     {"cursor", cursor()},
		"sorted cursor":              {"cursor", cursor(sorted)},
		"exclusive cursor":           {"cursor", cursor(state.Exclusive())},
		"cursor with a key":          {"x", cursor(key, sorted)},
		"partitions":                 {"partitions", partition(5)},
		"sorted partitions":          {"partitions", partition(5, sorted)},
		"partitions above the limit": {"partitions", partition(1)},
		"partitions with a bound":    {"partitions", partition(1, bound)},
		"partitions with a key":      {"x", partition(1, key, bound)},
	} {
		for _, stored := range []bool{false, true} {
			for _, before := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, stored %t, advanced before %t", what, stored, before), func(t *testing.T) {
					d := state.New()
					if stored {
						advance, _ := c.use(d)
						advance(2)
						advance(3)
						require.NoError(t, d.Finish())
						d = next(t, d)
						require.NotEqual(t, `{}`, string(d.Saved()))
					}
					advance, _ := c.use(d)
					if before {
						advance(5)
						advance(6)
					}
					d.Table("t").Delete(c.key)
					advance(7)
					advance(8)
					require.NoError(t, d.Finish())
					assert.Equal(t, `{}`, string(d.Saved()))

					again, restarted := c.use(d)
					assert.True(t, restarted())
					again(3)
					again(4)
					advance(9)
					require.NoError(t, d.Finish())
					_, restarted = c.use(next(t, d))
					assert.False(t, restarted())
					assert.NotContains(t, string(d.Saved()), "9")

					d.Table("t").Delete(c.key)
					again(5)
					require.NoError(t, d.Finish())
					assert.Equal(t, `{}`, string(d.Saved()))
				})
			}
		}
	}
}

func TestAnUnsortedSourceDoesNotRestoreADeletedCursor(t *testing.T) {
	d := parse(t, `{"t":{"cursor":50}}`)
	d.Table("t").Delete("cursor")
	require.NoError(t, d.Checkpoint())
	c := state.NewCursor[int64](d, "t", state.Sorted())
	c.Advance(7)
	require.NoError(t, d.Checkpoint())
	c.Advance(6)
	require.Error(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()), "the rows of the new snapshot below 50 may be missing")
}

func TestDeletionsAreIgnoredAfterTheSync(t *testing.T) {
	in := `{"t":{"_partitions":{"covers":"PiPoFgA5ypeBEsob","cursor":50},"cursor":1,"partitions":{"c":5}}}`
	d := parse(t, in)
	p := state.NewPartitions[int64](d, "t", 2)
	d.Freeze()
	d.Table("t").Delete("cursor")
	d.Table("t").Delete("partitions")
	p.Delete("c")
	p.DeleteAll()
	p.Cursor("late").Advance(7)
	require.NoError(t, d.Finish())
	assert.Equal(t, in, string(d.Saved()))
}

// grows returns by how much the memory in use grows when f is called 5,000
// times.
func grows(t *testing.T, f func(i int)) int {
	t.Helper()
	heap := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	f(0)
	before := heap()
	for i := range 5_000 {
		f(i)
	}
	return heap() - before
}

func TestRepeatedUseOfAKeyDoesNotGrowAState(t *testing.T) {
	d := parse(t, `{"t":{"cursor":1,"partitions":{"a":1}}}`)
	for what, f := range map[string]func(i int){
		"cursors":            func(i int) { state.NewCursor[int64](d, "t").Advance(int64(i)) },
		"cursors of a key":   func(i int) { state.NewCursor[int64](d, "u", state.Exclusive()).Advance(int64(i)) },
		"partitions":         func(i int) { state.NewPartitions[int64](d, "t", 2).Cursor("a").Advance(int64(i)) },
		"partitions of keys": func(i int) { state.NewPartitions[int64](d, "v", 0, state.Sorted()).Cursor("a").Advance(int64(i)) },
		"deleted cursors": func(i int) {
			state.NewCursor[int64](d, "w").Advance(int64(i))
			d.Table("w").Delete("cursor")
		},
		"deleted keys": func(i int) {
			state.NewCursor[int64](d, "x", state.Key(strconv.Itoa(i))).Advance(int64(i))
			assert.NoError(t, d.Checkpoint())
			d.Table("x").Delete(strconv.Itoa(i))
			assert.NoError(t, d.Checkpoint())
		},
		"deleted partitions": func(i int) {
			p := state.NewPartitions[int64](d, "y", 2)
			p.Cursor(strconv.Itoa(i)).Advance(int64(i))
			assert.NoError(t, d.Finish("y"))
			p.Delete(strconv.Itoa(i))
			assert.NoError(t, d.Finish("y"))
		},
		"deleted sets": func(i int) {
			p := state.NewPartitions[int64](d, "z", 2, state.Key("k"))
			p.Cursor(strconv.Itoa(i)).Advance(int64(i))
			p.DeleteAll()
			p.Cursor(strconv.Itoa(i)).Advance(int64(i))
			assert.NoError(t, d.Checkpoint("z"))
		},
		"warnings": func(i int) {
			state.NewCursor[time.Time](d, "f").Advance(time.Now().AddDate(2, 0, i))
		},
	} {
		assert.Less(t, grows(t, f), 200_000, what)
	}
	require.NoError(t, d.Finish())
}

func TestAStateThatASyncSavesCanBeReadInARequest(t *testing.T) {
	nested := func(depth int) json.RawMessage {
		return json.RawMessage(strings.Repeat(`[{"a\\":"]\"}","b":`, depth/2) + `1` + strings.Repeat(`}]`, depth/2))
	}
	for _, depth := range []int{2, 100, 500, 502, 1000, 9_000, 9_990, 9_994, 9_996, 9_998, 10_000, 20_000} {
		d := state.New()
		err := d.Table("t").Set("deep", nested(depth))
		assert.Equal(t, depth <= 500, err == nil, depth)
		if depth > 500 && depth < 10_000 {
			assert.ErrorContains(t, err, `table t, key "deep": the JSON encoding of the json.RawMessage is nested more than 500 deep`)
		}
		require.NoError(t, d.Checkpoint())
		next(t, d)
		request := `{"state":` + string(d.Saved()) + `}`
		assert.True(t, json.Valid([]byte(request)))
		assert.True(t, jsontext.Value(request).IsValid())
		_, err = state.Parse([]byte(`{"t":{}}`), func(old map[string]json.RawMessage) error {
			old["t"] = json.RawMessage(`{"deep":` + string(nested(depth)) + `}`)
			return nil
		})
		assert.Equal(t, depth <= 500, err == nil, depth)
	}
}

func TestSetRejectsWhatParseWouldReject(t *testing.T) {
	d := state.New()
	for want, set := range map[string]func() error{
		"has a duplicate name":    func() error { return d.Table("t").Set("a", json.RawMessage(`{"x":1,"x":2}`)) },
		"not UTF-8":               func() error { return d.Table("t").Set("a", json.RawMessage("\"\xff\"")) },
		"it is not valid UTF-8":   func() error { return d.Table("t").Set("\xff", 1) },
		"unsupported type":        func() error { return d.Table("t").Set("a", func() {}) },
		"partitions of the table": func() error { state.NewPartitions[int64](d, "t", 2); return d.Table("t").Set("partitions", 1) },
	} {
		assert.ErrorContains(t, set(), want)
	}
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}
