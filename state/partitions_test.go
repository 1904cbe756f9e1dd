package state_test

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestPartitionsAboveTheLimitGetACommonCursor(t *testing.T) {
	for _, test := range []struct {
		what string
		opts []state.Option
		want int64
	}{
		{"at the bound", []state.Option{state.UpTo(int64(50))}, 50},
		{"at the minimum of the partitions", nil, 20},
		{"at the bound, sorted", []state.Option{state.Sorted(), state.UpTo(int64(50))}, 50},
		{"at the minimum, sorted", []state.Option{state.Sorted()}, 20},
		{"at the minimum, with a key", []state.Option{state.Key("ranges")}, 20},
		{"at the minimum, because rows at the bound may follow", []state.Option{state.UpTo(int64(50)), state.Exclusive()}, 15},
	} {
		t.Run(test.what, func(t *testing.T) {
			key, common := "partitions", "_partitions"
			if strings.Contains(test.what, "key") {
				key, common = "ranges", "_partitions.ranges"
			}
			saved := func(cursor int64) string {
				return fmt.Sprintf(`{"t":{%q:{"covers":"Ln0sA6lQPiPoFgA5ypeBEsob","cursor":%d}}}`, common, cursor)
			}
			d := parse(t, `{"t":{"`+key+`":{"a":5,"gone":1}}}`)
			p := state.NewPartitions[int64](d, "t", 2, test.opts...)
			for i, name := range []string{"a", "b", "c"} {
				p.Cursor(name).Advance(int64(15 + 10*i))
				p.Cursor(name).Advance(int64(20 + 10*i))
			}
			require.NoError(t, d.Checkpoint())
			assert.Contains(t, string(d.Saved()), `"gone":1`, "an interrupted sync keeps the saved cursors")
			assert.NotContains(t, string(d.Saved()), `"cursor"`)
			require.NoError(t, d.Finish())
			assert.Equal(t, saved(test.want), string(d.Saved()))

			d = next(t, d)
			p = state.NewPartitions[int64](d, "t", 2, append(test.opts, state.UpTo(int64(90)), state.StartAt(int64(3)))...)
			for _, name := range []string{"a", "b", "c"} {
				assert.Equal(t, test.want, p.Cursor(name).Start())
				p.Cursor(name).Advance(60)
				p.Cursor(name).Advance(70)
			}
			require.NoError(t, d.Checkpoint())
			assert.Equal(t, saved(test.want), string(d.Saved()), "only a finished table moves the common cursor")
			for _, name := range []string{"gone", "new"} {
				assert.EqualValues(t, 3, p.Cursor(name).Start(), "the common cursor does not cover it")
				assert.True(t, p.Cursor(name).First())
			}
			require.NoError(t, d.Finish())
			if test.want == 15 {
				assert.Equal(t, saved(60), string(d.Saved()))
				return
			}
			d = next(t, d)
			p = state.NewPartitions[int64](d, "t", 2, test.opts...)
			for _, name := range []string{"a", "new", "gone"} {
				assert.EqualValues(t, 90, p.Cursor(name).Start())
			}
		})
	}
}

func TestANewPartitionBesideACommonCursorHasItsOwn(t *testing.T) {
	for _, opts := range [][]state.Option{nil, {state.Sorted()}} {
		d := state.New()
		read := func(limit int, values map[string]int64) {
			t.Helper()
			p := state.NewPartitions[int64](d, "t", limit, opts...)
			for _, name := range slices.Sorted(maps.Keys(values)) {
				p.Cursor(name).Advance(values[name])
			}
			require.NoError(t, d.Finish("t"))
			require.NoError(t, d.Finish(), "a second end of the table changes nothing")
			d = next(t, d)
		}
		start := func(name string) int64 {
			return state.NewPartitions[int64](next(t, d), "t", 1, opts...).Cursor(name).Start()
		}
		read(1, map[string]int64{"a": 30, "b": 40})
		assert.EqualValues(t, 30, start("a"))
		assert.EqualValues(t, 30, start("b"))

		read(1, map[string]int64{"a": 50, "b": 60, "slow": 10})
		assert.EqualValues(t, 50, start("a"), "a slow partition does not stop the others")
		assert.EqualValues(t, 50, start("b"))
		assert.EqualValues(t, 10, start("slow"))

		read(1, map[string]int64{"a": 70, "b": 80, "slow": 20, "new": 75})
		assert.EqualValues(t, 70, start("a"))
		assert.EqualValues(t, 20, start("slow"), "it has not reached the common cursor")
		assert.EqualValues(t, 70, start("new"))

		read(1, map[string]int64{"a": 90, "slow": 100})
		assert.EqualValues(t, 90, start("a"))
		assert.EqualValues(t, 100, start("slow"))
		assert.EqualValues(t, 0, start("b"), "the sync did not read it")
	}
}

func TestATableThatReadsNoPartitionKeepsTheCommonCursor(t *testing.T) {
	d := state.New()
	for i, name := range []string{"a", "b"} {
		state.NewPartitions[int64](d, "t", 1, state.UpTo(int64(50))).Cursor(name).Advance(int64(i) + 1)
	}
	require.NoError(t, d.Finish())
	d = next(t, d)
	state.NewPartitions[int64](d, "t", 1, state.UpTo(int64(90)))
	before := string(d.Saved())
	require.NoError(t, d.Finish())
	assert.Equal(t, before, string(d.Saved()))
	assert.EqualValues(t, 50, state.NewPartitions[int64](next(t, d), "t", 1).Cursor("b").Start(), "several results of NewPartitions share what they read")
}

func TestACursorAndSeveralSetsOfPartitionsShareATable(t *testing.T) {
	d := state.New()
	for range 2 {
		c := state.NewCursor[time.Time](d, "t", state.Sorted())
		ranges := state.NewPartitions[int64](d, "t", 1, state.Sorted(), state.Key("ranges"))
		shops := state.NewPartitions[string](d, "t", 1, state.Sorted())
		c.Advance(at(1))
		for _, name := range []string{"a", "b"} {
			ranges.Cursor(name).Advance(7)
			shops.Cursor(name).Advance("x")
		}
		require.NoError(t, d.Finish())
		d = next(t, d)
	}
	assert.Equal(t, at(1), state.NewCursor[time.Time](d, "t").Start())
	for _, name := range []string{"a", "b"} {
		assert.EqualValues(t, 7, state.NewPartitions[int64](d, "t", 1, state.Key("ranges")).Cursor(name).Start())
		assert.Equal(t, "x", state.NewPartitions[string](d, "t", 1).Cursor(name).Start())
	}
	require.NoError(t, d.Err())
}

func TestADeletedPartitionStartsAgain(t *testing.T) {
	upTo := state.UpTo(int64(50))
	for what, stored := range map[string]string{
		"with a cursor of its own": `{"t":{"partitions":{"a":5,"b":6}}}`,
		"with the common cursor":   `{"t":{"_partitions":{"covers":"PiPoFgA5ypeBEsob","cursor":50}}}`,
	} {
		t.Run(what, func(t *testing.T) {
			d := parse(t, stored)
			p := state.NewPartitions[int64](d, "t", 2, upTo)
			live := p.Cursor("a")
			require.False(t, live.First())
			p.Delete("a")
			p.Delete("never was")
			live.Advance(40)
			require.NoError(t, d.Checkpoint())
			assert.NotContains(t, slices.Collect(p.Names()), "a")
			require.NoError(t, d.Finish("t"))
			q := state.NewPartitions[int64](next(t, d), "t", 2, upTo)
			assert.True(t, q.Cursor("a").First())
			assert.False(t, q.Cursor("b").First())

			again := p.Cursor("a")
			assert.True(t, again.First())
			again.Advance(7)
			require.NoError(t, d.Finish("t"))
			assert.False(t, state.NewPartitions[int64](next(t, d), "t", 2, upTo).Cursor("a").First())
		})
	}
}

func TestNamesAreThoseOfTheCurrentState(t *testing.T) {
	d := parse(t, `{"t":{"partitions":{"us":9,"eu":5}}}`)
	p := state.NewPartitions[int64](d, "t", 9, state.Sorted())
	p.Cursor("without rows")
	p.Cursor("asia").Advance(1)
	p.Delete("us")
	assert.Equal(t, []string{"asia", "eu"}, slices.Collect(p.Names()))
	for name := range p.Names() {
		p.Delete(name)
		break
	}
	assert.Equal(t, []string{"eu"}, slices.Collect(p.Names()))
	p.DeleteAll()
	assert.Empty(t, slices.Collect(p.Names()))
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}

func TestGoroutinesReadPartitionsSideBySide(t *testing.T) {
	for _, opts := range [][]state.Option{{state.Sorted()}, nil, {state.UpTo(int64(1000))}} {
		d := state.New()
		p := state.NewPartitions[int64](d, "t", 5, opts...)
		var readers sync.WaitGroup
		for i := range 8 {
			readers.Go(func() {
				name := fmt.Sprint("account ", i)
				for v := int64(1); v <= 100; v++ {
					p.Cursor(name).Advance(v)
					assert.NoError(t, d.Checkpoint("t"))
				}
				for range p.Names() {
					p.Delete("old " + name)
				}
				_ = d.Saved()
				_ = d.TakeWarnings()
			})
		}
		readers.Wait()
		require.NoError(t, d.Finish())
		p = state.NewPartitions[int64](next(t, d), "t", 5, opts...)
		for i := range 8 {
			assert.GreaterOrEqual(t, p.Cursor(fmt.Sprint("account ", i)).Start(), int64(100))
		}
	}
}

func TestAPartitionWithoutRowsPreventsACommonCursor(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[int64](d, "t", 1)
	p.Cursor("a").Advance(5)
	p.Cursor("b")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":5}}}`, string(d.Saved()))
}

func TestPartitionsOfTokensNeverGetACommonCursor(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[state.Token](d, "t", 1)
	p.Cursor("a").Advance("x")
	p.Cursor("b").Advance("y")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"partitions":{"a":"x"}}}`, string(d.Saved()))
	assert.True(t, state.NewPartitions[state.Token](next(t, d), "t", 1).Cursor("b").First())
}

func TestPartitionsAboveTheLimitTakeNoMemory(t *testing.T) {
	for _, stored := range []string{`{}`, `{"t":{"_partitions":{"covers":"*","cursor":5}}}`} {
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
		assert.Equal(t, `{"t":{"_partitions":{"covers":"*","cursor":1152921504606846976}}}`, string(d.Saved()))
		assert.Contains(t, strings.Join(d.TakeWarnings(), "\n"), "table t: ")
		d = next(t, d)
		assert.EqualValues(t, 1<<60, state.NewPartitions[int64](d, "t", 10).Cursor("new").Start())
		warnings := d.TakeWarnings()
		require.Len(t, warnings, 1)
		assert.Contains(t, warnings[0], "table t: the state has a common position for more than 50000 partitions")
	}
}

func TestAStateListsUpTo50000Partitions(t *testing.T) {
	d := state.New()
	p := state.NewPartitions[int64](d, "t", 10, state.UpTo(int64(7)))
	for i := range 50_000 {
		p.Cursor(strconv.Itoa(i))
	}
	require.NoError(t, d.Finish())
	assert.Len(t, string(d.Saved()), 400_000+len(`{"t":{"_partitions":{"covers":"","cursor":7}}}`))
	p = state.NewPartitions[int64](next(t, d), "t", 10)
	assert.False(t, p.Cursor("49999").First())
	assert.True(t, p.Cursor("50000").First())
}

func TestAFollowerThatFellBehindRestoresTheCommonCursor(t *testing.T) {
	saved := []byte(nil)
	sync := func(bound int64, selected ...string) []int64 {
		d, err := state.Parse(saved)
		require.NoError(t, err)
		for _, name := range []string{"orders", "items"} {
			declared := state.Declaration{Name: name, Selected: slices.Contains(selected, name)}
			if name == "items" {
				declared.Follows = "orders"
			}
			d.Declare(declared)
		}
		d.Begin()
		var starts []int64
		p := state.NewPartitions[int64](d, "orders", 1, state.UpTo(bound))
		for _, name := range []string{"a", "b"} {
			starts = append(starts, p.Cursor(name).Start())
			p.Cursor(name).Advance(bound)
		}
		require.NoError(t, d.Finish())
		saved = d.Saved()
		return starts
	}
	sync(50, "orders", "items")
	assert.Equal(t, []int64{50, 50}, sync(90, "orders"))
	assert.Equal(t, []int64{50, 50}, sync(100, "orders", "items"), "the items between 50 and 90 are missing: %s", saved)
	assert.Equal(t, []int64{100, 100}, sync(110, "orders"))
	assert.Equal(t, []int64{100, 100}, sync(120, "items"))
	assert.Equal(t, []int64{110, 110}, sync(130, "orders"))
}

func TestACommonCursorThatIsNotValidIsRefused(t *testing.T) {
	for _, stored := range []string{
		`7`, `{}`, `{"covers":"PiPoFgA5","cursor":"x"}`, `{"covers":"PiPoFgA5"}`, `{"covers":"PiPoFgA5","cursor":null}`,
		`{"covers":"PiPoF","cursor":1}`, `{"covers":"PiPo","cursor":1}`, `{"covers":"**","cursor":1}`, `{"covers":7,"cursor":1}`,
	} {
		in := `{"t":{"_partitions":` + stored + `}}`
		d := parse(t, in)
		state.NewPartitions[int64](d, "t", 1).Cursor("a").Advance(1)
		var err *state.Error
		require.ErrorAs(t, d.Finish(), &err, stored)
		assert.Equal(t, "_partitions", err.Key)
		assert.Equal(t, in, string(d.Saved()))
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
