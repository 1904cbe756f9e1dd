package state_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestEachPartitionHasItsOwnCursor(t *testing.T) {
	d := parse(t, `{"t":{"partitions":{"eu":5,"us":9}}}`)
	p := state.NewPartitions[int64](d, "t", 3, state.Sorted())
	assert.Equal(t, int64(5), p.Cursor("eu").Start())
	assert.Equal(t, int64(9), p.Cursor("us").Start())
	assert.True(t, p.Cursor("new").First())
	eu := p.Cursor("eu")
	assert.Same(t, eu, p.Cursor("eu"))
	p.Cursor("eu").Advance(7)
	p.Cursor("new").Advance(1)
	require.NoError(t, d.Checkpoint("t"))
	assert.Equal(t, `{"t":{"partitions":{"eu":7,"new":1,"us":9}}}`, string(d.Saved()))
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"eu":7,"new":1,"us":9}}}`, string(d.Saved()))
	kept := map[string]int{}
	found, err := d.Table("t").Get("partitions", &kept)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, map[string]int{"eu": 7, "new": 1, "us": 9}, kept)
	d.Table("t").Delete("partitions")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}

func TestPartitionsAboveTheLimitBecomeOneCursor(t *testing.T) {
	for _, test := range []struct {
		what string
		opts []state.Option
		want string
	}{
		{"at the bound", []state.Option{state.UpTo(int64(50))}, `50`},
		{"at the minimum of the partitions", nil, `20`},
		{"at the bound, sorted", []state.Option{state.Sorted(), state.UpTo(int64(50))}, `50`},
		{"at the minimum, sorted", []state.Option{state.Sorted()}, `20`},
	} {
		d := parse(t, `{"t":{"partitions":{"a":5,"gone":1}}}`)
		p := state.NewPartitions[int64](d, "t", 2, test.opts...)
		for i, name := range []string{"a", "b", "c"} {
			p.Cursor(name).Advance(int64(20 + 10*i))
		}
		require.NoError(t, d.Checkpoint())
		assert.Contains(t, string(d.Saved()), `"gone":1`, "an interrupted sync keeps the saved cursors")
		assert.NotContains(t, string(d.Saved()), `"cursor"`)
		require.NoError(t, d.Finish(), test.what)
		assert.Equal(t, `{"t":{"cursor":`+test.want+`}}`, string(d.Saved()), test.what)

		d = next(t, d)
		p = state.NewPartitions[int64](d, "t", 2, state.UpTo(int64(90)))
		for _, name := range []string{"a", "new"} {
			assert.Equal(t, test.want, fmt.Sprint(p.Cursor(name).Start()), test.what)
			p.Cursor(name).Advance(60)
		}
		require.NoError(t, d.Checkpoint())
		assert.Equal(t, `{"t":{"cursor":`+test.want+`}}`, string(d.Saved()), "only a finished table moves the cursor")
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":90}}`, string(d.Saved()))
	}
}

func TestAPartitionWithoutRowsPreventsTheSingleCursor(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[int64](d, "t", 1)
	p.Cursor("a").Advance(5)
	p.Cursor("b")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":5}}}`, string(d.Saved()))
}

func TestPartitionsOfTokensNeverBecomeOneCursor(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[state.Token](d, "t", 1)
	p.Cursor("a").Advance("x")
	p.Cursor("b").Advance("y")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":"x"}}}`, string(d.Saved()))
	assert.True(t, state.NewPartitions[state.Token](next(t, d), "t", 1).Cursor("b").First())
}

func TestPartitionsAboveTheLimitTakeNoMemory(t *testing.T) {
	for _, stored := range []string{`{}`, `{"t":{"cursor":5}}`} {
		d := parse(t, stored)
		p := state.NewPartitions[int64](d, "t", 10, state.Sorted(), state.UpTo(int64(1)<<60))
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		for i := range 100_000 {
			p.Cursor(strconv.Itoa(i)).Advance(int64(i) + 10)
		}
		assert.Less(t, heap(), before+4<<20, "keeping each cursor takes 45 MB")
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":1152921504606846976}}`, string(d.Saved()))
	}
}

func TestPartitionsThatAreReadAfterTheSyncHasEndedChangeNothing(t *testing.T) {
	const saved = `{"t":{"partitions":{"a":1,"b":2}}}`
	for name, late := range map[string]func(doc *state.Document, before *state.Partitions[int64]){
		"a partition above the limit": func(_ *state.Document, before *state.Partitions[int64]) { before.Cursor("c").Advance(9) },
		"partitions with a lower limit": func(doc *state.Document, _ *state.Partitions[int64]) {
			state.NewPartitions[int64](doc, "t", 1, state.UpTo[int64](9)).Cursor("a").Advance(9)
		},
		"a cursor": func(doc *state.Document, _ *state.Partitions[int64]) { state.NewCursor[int64](doc, "t").Advance(9) },
	} {
		doc, err := state.Parse([]byte(saved))
		require.NoError(t, err)
		before := state.NewPartitions[int64](doc, "t", 2, state.UpTo[int64](9))
		doc.Freeze()
		late(doc, before)
		require.NoError(t, doc.Finish())
		assert.Equal(t, saved, string(doc.Saved()), name)
	}
}
