package state_test

import (
	"fmt"
	"math"
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
