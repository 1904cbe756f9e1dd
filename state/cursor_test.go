package state_test

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// resumes checks that a cursor with values of type T resumes at the greater one
// of two.
func resumes[T state.Value](t *testing.T, zero, low, high T, stored string) {
	t.Helper()
	d := state.New()
	c := state.NewCursor[T](d, "t")
	assert.True(t, c.First())
	assert.Equal(t, zero, c.Start())
	c.Advance(low)
	c.Advance(high)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":`+stored+`}}`, string(d.Saved()))

	d = next(t, d)
	c = state.NewCursor[T](d, "t")
	assert.False(t, c.First())
	assert.Equal(t, high, c.Start(), "the next sync includes that value")
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":`+stored+`}}`, string(d.Saved()), "a sync without rows does not move the cursor")
}

func TestACursorResumesAtTheGreatestValue(t *testing.T) {
	fine := at(3).Add(123456789 * time.Nanosecond)
	t.Run("time", func(t *testing.T) {
		resumes(t, time.Time{}, at(1), fine, `"2026-01-02T03:00:00.123456789Z"`)
	})
	t.Run("integer", func(t *testing.T) { resumes(t, int64(0), int64(1), int64(math.MaxInt64), `9223372036854775807`) })
	t.Run("string", func(t *testing.T) { resumes(t, "", "a", "b\"\u2028", "\"b\\\"\u2028\"") })
	t.Run("token", func(t *testing.T) { resumes(t, state.Token(""), "z", "a", `"a"`) })
}

func TestATimeIsSavedInUTC(t *testing.T) {
	d := state.New()
	state.NewCursor[time.Time](d, "t", state.Sorted()).Advance(at(3).In(time.FixedZone("", 7200)))
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"cursor":"2026-01-02T03:00:00Z"}}`, string(d.Saved()))
}

func TestASortedCursorMovesWithEachRow(t *testing.T) {
	d := state.New()
	c := state.NewCursor[int64](d, "t", state.Sorted())
	for i, v := range []int64{3, 3, 5} {
		c.Advance(v)
		require.NoError(t, d.Checkpoint("t"))
		assert.Equal(t, fmt.Sprintf(`{"t":{"cursor":%d}}`, v), string(d.Saved()), i)
	}
	c.Advance(9)
	assert.Equal(t, `{"t":{"cursor":5}}`, string(d.Saved()), "only a checkpoint saves the value")
}

func TestAnUnsortedSourceOfASortedCursorIsAnErrorAndLosesNothing(t *testing.T) {
	d := parse(t, `{"t":{"cursor":2},"other":{"cursor":1}}`)
	c := state.NewCursor[int64](d, "t", state.Sorted())
	c.Advance(3)
	c.Advance(8)
	require.NoError(t, d.Checkpoint("t"))
	require.Contains(t, string(d.Saved()), `"cursor":8`)
	c.Advance(5)
	var order *state.OrderError
	for range 2 {
		require.ErrorAs(t, d.Checkpoint("t"), &order, "the error is permanent")
		require.ErrorAs(t, d.Err(), &order)
		require.ErrorAs(t, d.Finish("t"), &order)
	}
	assert.Equal(t, "t", order.Table)
	assert.ErrorContains(t, order, "remove the option")
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":1}}`, string(d.Saved()), "rows with values below 8 may be missing")
	c.Advance(9)
	assert.Error(t, d.Checkpoint())
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":1}}`, string(d.Saved()))

	// Other tables are not affected.
	other := state.NewCursor[int64](d, "other", state.Sorted())
	other.Advance(4)
	require.NoError(t, d.Err("other"))
	require.NoError(t, d.Checkpoint("other"))
	d.Hold("t")
	require.NoError(t, d.Err())
	require.NoError(t, d.Finish())
	assert.JSONEq(t, `{"t":{"cursor":2},"other":{"cursor":4}}`, string(d.Saved()))
}

func TestACursorOfAnUnsortedSourceMovesAtTheEnd(t *testing.T) {
	d := parse(t, `{"t":{"cursor":2}}`)
	c := state.NewCursor[int64](d, "t")
	for _, v := range []int64{9, 3, 5} {
		c.Advance(v)
		require.NoError(t, d.Checkpoint())
		assert.Equal(t, `{"t":{"cursor":2}}`, string(d.Saved()))
	}
	require.NoError(t, d.Finish("t"))
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()))
	c = state.NewCursor[int64](d, "t")
	c.Advance(4)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()), "the cursor never moves back")
}

func TestATokenCursorHasTheLastTokenItWasAdvancedTo(t *testing.T) {
	d := state.New()
	c := state.NewCursor[state.Token](d, "t")
	c.Advance("z")
	c.Advance("a")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"cursor":"a"}}`, string(d.Saved()))
}

func TestAnExclusiveCursorStaysOneValueBehind(t *testing.T) {
	for _, sorted := range []bool{true, false} {
		opts := []state.Option{state.Exclusive()}
		if sorted {
			opts = append(opts, state.Sorted())
		}
		d := state.New()
		c := state.NewCursor[int64](d, "t", opts...)
		c.Advance(5)
		c.Advance(5)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{}`, string(d.Saved()), "more rows may have the only value")
		c.Advance(7)
		c.Advance(9)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":7}}`, string(d.Saved()))
	}
	d := state.New()
	c := state.NewCursor[int64](d, "t", state.Exclusive())
	for _, v := range []int64{9, 3, 7, 5} {
		c.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":7}}`, string(d.Saved()), "the second greatest value, in any order")
}

func TestACursorNeverMovesPastItsBound(t *testing.T) {
	d := parse(t, `{"t":{"cursor":"2026-01-02T01:00:00Z"}}`)
	c := state.NewCursor[time.Time](d, "t", state.Sorted(), state.UpTo(at(5)))
	assert.Equal(t, at(5), c.End())
	for _, hour := range []int{4, 6, 9, 8} { // past the bound, values may be in any order
		c.Advance(at(hour))
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":"2026-01-02T05:00:00Z"}}`, string(d.Saved()))

	d = state.New()
	e := state.NewCursor[int64](d, "t", state.Exclusive(), state.UpTo(int64(5)))
	for _, v := range []int64{3, 5, 6, 7} {
		e.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":3}}`, string(d.Saved()), "there may be more rows at the bound itself")

	d = parse(t, `{"t":{"cursor":9}}`)
	b := state.NewCursor[int64](d, "t", state.UpTo(int64(5)))
	b.Advance(9)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()), "a bound below the saved value does not move the cursor back")
}

func TestASyncStartsAtTheSavedValueAdjustedByItsOptions(t *testing.T) {
	d := parse(t, `{"t":{"cursor":"2026-01-02T05:00:00Z","id":100,"none":null}}`)
	assert.Equal(t, at(3), state.NewCursor[time.Time](d, "t", state.Lookback(2*time.Hour)).Start())
	assert.Equal(t, at(4), state.NewCursor[time.Time](d, "t", state.Lookback(2*time.Hour), state.StartAt(at(4))).Start(), "StartAt is the minimum")
	assert.Equal(t, int64(90), state.NewCursor[int64](d, "t", state.Key("id"), state.Lookback(int64(10))).Start())
	none := state.NewCursor[int64](d, "t", state.Key("none"), state.StartAt(int64(7)), state.Lookback(int64(5)))
	assert.True(t, none.First())
	assert.Equal(t, int64(7), none.Start(), "Lookback does not apply to a first sync")
	require.NoError(t, d.Err())

	c := state.NewCursor[int64](d, "t", state.Key("id"), state.Lookback(int64(10)), state.Sorted())
	c.Advance(95)
	require.NoError(t, d.Checkpoint())
	assert.Contains(t, string(d.Saved()), `"id":100`, "the overlap does not move the cursor back")
	c.Advance(101)
	require.NoError(t, d.Checkpoint())
	assert.Contains(t, string(d.Saved()), `"id":101`)
}

func TestTheErrorForASavedValueOfAnotherTypeSaysWhatToDo(t *testing.T) {
	for stored, use := range map[string]func(state.State){
		`{"t":{"cursor":"soon"}}`:             func(st state.State) { state.NewCursor[time.Time](st, "t") },
		`{"t":{"cursor":"12"}}`:               func(st state.State) { state.NewCursor[int64](st, "t") },
		`{"t":{"cursor":1.5}}`:                func(st state.State) { state.NewCursor[int64](st, "t") },
		`{"t":{"cursor":12}}`:                 func(st state.State) { state.NewCursor[string](st, "t") },
		`{"t":{"cursor":{}}}`:                 func(st state.State) { state.NewCursor[state.Token](st, "t") },
		`{"t":{"partitions":[]}}`:             func(st state.State) { state.NewPartitions[int64](st, "t", 9) },
		`{"t":{"partitions":{"eu":"a lot"}}}`: func(st state.State) { state.NewPartitions[int64](st, "t", 9).Cursor("eu") },
		`{"t":{"page":"x"}}`: func(st state.State) {
			_, err := st.Table("t").Get("page", new(int))
			var stateErr *state.Error
			assert.ErrorAs(t, err, &stateErr)
			state.NewCursor[int64](st, "t", state.Key("page"))
		},
	} {
		d := parse(t, stored)
		use(d)
		var err *state.Error
		require.ErrorAs(t, d.Checkpoint(), &err, stored)
		assert.True(t, err.Configuration())
		assert.Equal(t, "t", err.Table)
		assert.NotEmpty(t, err.Key)
		assert.ErrorContains(t, err, "state: table t, key ")
		assert.ErrorContains(t, err, "reset it to sync from the start")
		assert.Equal(t, stored, string(d.Saved()), "the saved state must not change")
	}
}

func TestTwoCursorsWithOneKeyReachTheGreatestValue(t *testing.T) {
	for _, opts := range [][]state.Option{nil, {state.Sorted()}} {
		d := parse(t, `{"t":{"cursor":2}}`)
		a, b := state.NewCursor[int64](d, "t", opts...), state.NewCursor[int64](d, "t", opts...)
		a.Advance(5)
		b.Advance(7)
		a.Advance(8)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":8}}`, string(d.Saved()))

		// A table that is read again in the same sync.
		again := state.NewCursor[int64](d, "t", append(opts, state.Lookback(int64(5)))...)
		assert.EqualValues(t, 3, again.Start())
		again.Advance(4)
		again.Advance(9)
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":9}}`, string(d.Saved()))
	}
	d := parse(t, `{"t":{"cursor":2}}`)
	a, b := state.NewCursor[int64](d, "t"), state.NewCursor[int64](d, "t", state.Exclusive())
	a.Advance(9)
	b.Advance(7)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":7}}`, string(d.Saved()), "if one of them is exclusive, the cursor stays behind")
}

func TestASortedCursorThatAnotherOneHasPassedIsAnError(t *testing.T) {
	d := parse(t, `{"t":{"cursor":2}}`)
	a, b := state.NewCursor[int64](d, "t", state.Sorted()), state.NewCursor[int64](d, "t", state.Sorted())
	a.Advance(5)
	require.NoError(t, d.Checkpoint())
	b.Advance(3)
	assert.ErrorContains(t, d.Checkpoint(), "after another cursor with this key had moved past the row")
	assert.Equal(t, `{"t":{"cursor":2}}`, string(d.Saved()), "the saved state did not cover the row 3")
}

func TestAdvancingACursorAllocatesNothing(t *testing.T) {
	d := state.New()
	allocates := func(what string, advance func(i int64)) {
		t.Helper()
		i := int64(0)
		assert.Zero(t, testing.AllocsPerRun(1000, func() {
			i++
			advance(i)
			_ = d.Checkpoint("t")
		}), what)
	}
	for _, opts := range [][]state.Option{{state.Sorted()}, nil} {
		with := func(key string) []state.Option { return append([]state.Option{state.Key(key)}, opts...) }
		times := state.NewCursor[time.Time](d, "t", append(with("times"), state.UpTo(at(1)))...)
		allocates("time", func(i int64) { times.Advance(at(0).Add(time.Duration(i))) })
		ints := state.NewCursor[int64](d, "t", with("ints")...)
		allocates("integer", func(i int64) { ints.Advance(i) })
		texts := state.NewCursor[string](d, "t", with("texts")...)
		words := []string{"a", "b", "c"}
		allocates("string", func(i int64) { texts.Advance(words[min(i/500, 2)]) })
		tokens := state.NewCursor[state.Token](d, "t", state.Key("tokens"))
		allocates("token", func(i int64) { tokens.Advance(state.Token(words[i%3])) })
		pairs := state.NewCursor[state.Pair[time.Time, int64]](d, "t", with("pairs")...)
		allocates("pair", func(i int64) { pairs.Advance(state.PairOf(at(0), i)) })
		partitions := state.NewPartitions[state.Pair[int64, string]](d, "t", 2, with("partitions")...)
		allocates("partition", func(i int64) { partitions.Cursor("a").Advance(state.PairOf(i, "x")) })
		far := state.NewCursor[time.Time](d, "t", with("far")...)
		allocates("far in the future", func(i int64) { far.Advance(at(0).AddDate(900, 0, 0)) })
	}
	require.NoError(t, d.Err())
}

// The cost is the number of bytes that are allocated, which a busy machine does
// not change.
func TestTheCostOfPartitionsAndCheckpointsGrowsLinearly(t *testing.T) {
	cost := func(f func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	linear := func(what string, work func(n int)) {
		t.Helper()
		one, four := cost(func() { work(2_000) }), cost(func() { work(8_000) })
		assert.LessOrEqual(t, four, 5*one, "%s: %d and %d bytes", what, one, four)
	}
	for what, opts := range map[string][]state.Option{"sorted": {state.Sorted()}, "unsorted": nil, "with a bound": {state.UpTo(int64(1) << 60)}} {
		for _, limit := range []int{1_000_000, 500} {
			var d *state.Document
			linear(fmt.Sprint("a sync, ", what, ", limit ", limit), func(n int) {
				d = state.New()
				p := state.NewPartitions[int64](d, "t", limit, opts...)
				for i := range n {
					p.Cursor(strconv.Itoa(i)).Advance(int64(i) + 1)
					assert.NoError(t, d.Checkpoint("t"))
				}
				assert.NoError(t, d.Finish())
			})
		}
	}
	linear("snapshots and deletions", func(n int) {
		d := state.New()
		p := state.NewPartitions[int64](d, "t", n, state.Sorted())
		for i := range n {
			p.Cursor(strconv.Itoa(i)).Advance(1)
		}
		assert.NoError(t, d.Checkpoint())
		for range 3 {
			_ = d.Snapshot()
		}
		for i := range n {
			p.Delete(strconv.Itoa(i))
			assert.NoError(t, d.Checkpoint("t"))
		}
		assert.Equal(t, `{}`, string(d.Saved()))
	})
	d := state.New()
	p := state.NewPartitions[int64](d, "t", 20_000, state.Sorted())
	for i := range 20_000 {
		p.Cursor(strconv.Itoa(i)).Advance(1)
	}
	require.NoError(t, d.Checkpoint())
	one := p.Cursor("7")
	assert.Less(t, cost(func() {
		for v := range int64(1000) {
			one.Advance(v + 2)
			_ = d.Checkpoint("t")
		}
	}), uint64(100_000), "a checkpoint costs what has changed, not what the state contains")
}

func BenchmarkPartitions(b *testing.B) {
	for _, limit := range []int{1_000_000, 1000} {
		b.Run(fmt.Sprint("limit-", limit), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d := state.New()
				p := state.NewPartitions[int64](d, "t", limit, state.Sorted(), state.UpTo(int64(7)))
				for i := range 100_000 {
					p.Cursor(strconv.Itoa(i)).Advance(5)
					if err := d.Checkpoint("t"); err != nil {
						b.Fatal(err)
					}
				}
				if err := d.Finish(); err != nil {
					b.Fatal(err)
				}
				_ = d.Snapshot()
			}
		})
	}
}

func BenchmarkAdvanceAndCheckpoint(b *testing.B) {
	run := func(b *testing.B, d *state.Document, advance func(i int)) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			advance(i)
			if err := d.Checkpoint("orders"); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("time", func(b *testing.B) {
		d, start := state.New(), at(0)
		c := state.NewCursor[time.Time](d, "orders", state.Sorted(), state.UpTo(at(0).AddDate(100, 0, 0)))
		run(b, d, func(i int) { c.Advance(start.Add(time.Duration(i) * time.Microsecond)) })
	})
	b.Run("pair", func(b *testing.B) {
		d, start := state.New(), at(0)
		c := state.NewCursor[state.Pair[time.Time, int64]](d, "orders", state.Sorted())
		run(b, d, func(i int) { c.Advance(state.PairOf(start, int64(i))) })
	})
	b.Run("integer", func(b *testing.B) {
		d := state.New()
		c := state.NewCursor[int64](d, "orders", state.Sorted())
		run(b, d, func(i int) { c.Advance(int64(i)) })
	})
	b.Run("overlap", func(b *testing.B) {
		d, err := state.Parse([]byte(`{"orders":{"cursor":"2100-01-02T03:04:05Z"}}`))
		require.NoError(b, err)
		c, start := state.NewCursor[time.Time](d, "orders", state.Sorted(), state.Lookback(time.Hour)), at(0)
		run(b, d, func(i int) { c.Advance(start.Add(time.Duration(i))) })
	})
	b.Run("whole-state-of-20", func(b *testing.B) {
		d := state.New()
		for i := range 20 {
			d.Table(fmt.Sprint("t", i))
		}
		c := state.NewCursor[int64](d, "orders", state.Sorted())
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.Advance(int64(i))
			if err := d.Checkpoint(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestALookbackDoesNotOverflow(t *testing.T) {
	d := parse(t, `{"t":{"cursor":-9223372036854775803}}`)
	assert.EqualValues(t, math.MinInt64, state.NewCursor[int64](d, "t", state.Lookback(int64(10))).Start())
}
