package state_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestAValueFarInTheFutureDoesNotMoveACursorAndIsAWarning(t *testing.T) {
	soon := time.Now().Add(300 * 24 * time.Hour).UTC().Truncate(time.Second)
	far := soon.AddDate(1, 0, 0)
	for what, opts := range map[string][]state.Option{"unsorted": nil, "sorted": {state.Sorted()}, "past a bound": {state.Sorted(), state.UpTo(far.Add(-time.Hour))}} {
		d := state.New()
		c := state.NewCursor[time.Time](d, "orders", opts...)
		for _, v := range []time.Time{far, soon.Add(-time.Second), far.Add(1), soon, far} {
			c.Advance(v)
		}
		require.NoError(t, d.Finish(), what)
		assert.Equal(t, `{"orders":{"cursor":"`+soon.Format(time.RFC3339)+`"}}`, string(d.Saved()), what)
		warnings := d.TakeWarnings()
		require.Len(t, warnings, 1, what)
		assert.Contains(t, warnings[0], "table orders: ")
		assert.Contains(t, warnings[0], " more than one year in the future")
		assert.Contains(t, warnings[0], "(3 times")
		if what != "past a bound" {
			assert.Contains(t, warnings[0], far.Format(time.RFC3339))
		}
		assert.Empty(t, d.TakeWarnings())
	}
}

func TestAPairAndAPartitionFarInTheFutureDoNotMove(t *testing.T) {
	far := time.Now().AddDate(2, 0, 0)
	d := state.New()
	state.NewCursor[state.Pair[time.Time, int64]](d, "a").Advance(state.PairOf(far, int64(1)))
	p := state.NewPartitions[time.Time](d, "b", 1, state.UpTo(far))
	p.Cursor("x").Advance(far)
	p.Cursor("y").Advance(far)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{}`, string(d.Saved()))
	warnings := d.TakeWarnings()
	require.Len(t, warnings, 4)
	assert.Contains(t, warnings[0], "table a: ")
	assert.Contains(t, warnings[1], "table b: a row has the cursor value")
	assert.Contains(t, warnings[2], "table b: the bound")
	assert.Contains(t, warnings[3], "table b: there are more than 1 partitions")
}

func TestAPlausibleTimeOrAnAllowedOneMovesTheCursor(t *testing.T) {
	d := state.New()
	state.NewCursor[time.Time](d, "appointments", state.AllowFuture()).Advance(at(0).AddDate(900, 0, 0))
	state.NewCursor[time.Time](d, "past a bound", state.UpTo(at(1))).Advance(at(0).AddDate(900, 0, 0))
	p := state.NewPartitions[time.Time](d, "rooms", 1, state.AllowFuture(), state.UpTo(at(0).AddDate(900, 0, 0)))
	p.Cursor("x").Advance(at(1))
	p.Cursor("y").Advance(at(1))
	require.NoError(t, d.Finish())
	assert.Contains(t, string(d.Saved()), `"appointments":{"cursor":"2926-01-02T00:00:00Z"}`)
	assert.Contains(t, string(d.Saved()), `"past a bound":{"cursor":"2026-01-02T01:00:00Z"}`)
	assert.Contains(t, string(d.Saved()), `"cursor":"2926-01-02T00:00:00Z"}}`)
	assert.Len(t, d.TakeWarnings(), 1, "the limit of the partitions")
}

func TestASavedCursorFarInTheFutureIsAWarning(t *testing.T) {
	d := parse(t, `{"a":{"cursor":"2999-01-01T00:00:00Z"},"b":{"cursor":"2999-01-01T00:00:00Z"},"c":{"partitions":{"x":"2999-01-01T00:00:00Z"}}}`)
	state.NewCursor[time.Time](d, "a")
	state.NewCursor[time.Time](d, "b", state.AllowFuture())
	state.NewPartitions[time.Time](d, "c", 1).Cursor("x")
	warnings := d.TakeWarnings()
	require.Len(t, warnings, 2)
	assert.Contains(t, warnings[0], `table a: the saved cursor is at "2999-01-01T00:00:00Z"`)
	assert.Contains(t, warnings[1], "table c: ")
}

func TestAClockThatIsNotSetLimitsCursorsToTheYear2100(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // in the year 2000
		d := state.New()
		c := state.NewCursor[time.Time](d, "t", state.Sorted())
		c.Advance(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		c.Advance(time.Date(2100, 1, 1, 0, 0, 1, 0, time.UTC))
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":"2100-01-01T00:00:00Z"}}`, string(d.Saved()))
		assert.Len(t, d.TakeWarnings(), 1)
	})
}

// The limit moves with the clock, also during a sync that never ends.
func TestTheLimitOfTheFutureMovesWithTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(30 * 365 * 24 * time.Hour)
		d := state.New()
		c := state.NewCursor[time.Time](d, "t", state.Sorted())
		for range 3 {
			c.Advance(time.Now())
			c.Advance(time.Now().AddDate(1, 1, 0))
			time.Sleep(1000 * 24 * time.Hour)
		}
		assert.Len(t, d.TakeWarnings(), 1)
		require.NoError(t, d.Finish())
		assert.Less(t, time.Since(state.NewCursor[time.Time](d, "t").Start()), 1001*24*time.Hour)
	})
}

func TestCrossingTheLimitOfPartitionsIsAWarningForEachSet(t *testing.T) {
	d := state.New()
	for range 2 { // several results of NewPartitions are one set
		for _, opts := range [][]state.Option{nil, {state.Key("ranges")}} {
			p := state.NewPartitions[int64](d, "t", 2, opts...)
			for _, name := range []string{"a", "b", "c", "d"} {
				p.Cursor(name).Advance(1)
			}
		}
	}
	q := state.NewPartitions[state.Token](d, "feeds", 1)
	q.Cursor("a").Advance("x")
	q.Cursor("b").Advance("x")
	assert.Equal(t, []string{
		"table feeds: there are more than 1 partitions, which is the limit for its state: each sync reads the partitions above the limit from the start",
		"table t, key ranges: there are more than 2 partitions, which is the limit for its state: when the table has been read, a common position replaces the positions of the partitions: a sync that is interrupted then reads each partition from the common position again",
		"table t: there are more than 2 partitions, which is the limit for its state: when the table has been read, a common position replaces the positions of the partitions: a sync that is interrupted then reads each partition from the common position again",
	}, d.TakeWarnings())
	require.NoError(t, d.Finish())
	d = next(t, d)
	p := state.NewPartitions[int64](d, "t", 2)
	for _, name := range []string{"a", "b", "c", "d"} {
		p.Cursor(name).Advance(1)
	}
	require.NoError(t, d.Finish())
	assert.Empty(t, d.TakeWarnings(), "the limit was crossed by an earlier sync")
}
