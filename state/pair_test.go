package state_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestACursorOfPairsResumesAtTheGreatestPair(t *testing.T) {
	type (
		timeInt    = state.Pair[time.Time, int64]
		timeString = state.Pair[time.Time, string]
		intInt     = state.Pair[int64, int64]
		intString  = state.Pair[int64, string]
		textInt    = state.Pair[string, int64]
		textText   = state.Pair[string, string]
	)
	t.Run("time, integer", func(t *testing.T) {
		resumes(t, timeInt{}, timeInt{at(3), 7}, timeInt{at(3), math.MaxInt64}, `["2026-01-02T03:00:00Z",9223372036854775807]`)
	})
	t.Run("time, string", func(t *testing.T) {
		resumes(t, timeString{}, timeString{at(1), "z"}, timeString{at(3).Add(1), "a"}, `["2026-01-02T03:00:00.000000001Z","a"]`)
	})
	t.Run("integer, integer", func(t *testing.T) { resumes(t, intInt{}, intInt{1, 9}, intInt{2, 1}, `[2,1]`) })
	t.Run("integer, string", func(t *testing.T) { resumes(t, intString{}, intString{2, "a"}, intString{2, "b\""}, `[2,"b\""]`) })
	t.Run("string, integer", func(t *testing.T) { resumes(t, textInt{}, textInt{"a", 9}, textInt{"b", 1}, `["b",1]`) })
	t.Run("string, string", func(t *testing.T) { resumes(t, textText{}, textText{"[", "a"}, textText{"[", "b"}, `["[","b"]`) })
}

// A job has changed thousands of rows at once. Each sync dies after a few of
// them.
func TestSyncsThatDieMakeProgressAmongRowsWithOneTime(t *testing.T) {
	d := state.New()
	seen := map[int64]bool{}
	for sync := 0; len(seen) < 1000; sync++ {
		require.Less(t, sync, 150, "the syncs make no progress")
		c := state.NewCursor[state.Pair[time.Time, int64]](d, "t", state.Sorted(), state.StartAt(at(1)))
		for id := c.Start().Second; id < min(1000, c.Start().Second+10); id++ {
			seen[id] = true
			c.Advance(state.PairOf(at(3), id))
			require.NoError(t, d.Checkpoint("t"))
		}
		d = next(t, d)
	}
}

func TestACursorOfPairsContinuesFromOneOfItsFirstValues(t *testing.T) {
	d := parse(t, `{"t":{"cursor":"2026-01-02T05:00:00Z","id":7,"name":"x","partitions":{"a":7}}}`)
	assert.Equal(t, state.PairOf(at(5), int64(0)), state.NewCursor[state.Pair[time.Time, int64]](d, "t").Start())
	assert.Equal(t, state.PairOf(int64(7), ""), state.NewCursor[state.Pair[int64, string]](d, "t", state.Key("id")).Start())
	assert.Equal(t, state.PairOf("x", ""), state.NewCursor[state.Pair[string, string]](d, "t", state.Key("name")).Start())
	assert.Equal(t, state.PairOf(int64(7), ""), state.NewPartitions[state.Pair[int64, string]](d, "t", 9).Cursor("a").Start())
	require.NoError(t, d.Finish())
	assert.JSONEq(t, `{"t":{"cursor":"2026-01-02T05:00:00Z","id":7,"name":"x","partitions":{"a":7}}}`, string(d.Saved()))
}

func TestASavedPairOfAnotherFormIsRefused(t *testing.T) {
	for _, stored := range []string{`[]`, `["2026-01-02T05:00:00Z"]`, `["2026-01-02T05:00:00Z",1,2]`, `["2026-01-02T05:00:00Z","1"]`, `["2026-01-02T05:00:00Z",null]`, `[null,1]`, `7`, `{}`} {
		d := parse(t, `{"t":{"cursor":`+stored+`}}`)
		state.NewCursor[state.Pair[time.Time, int64]](d, "t")
		var err *state.Error
		require.ErrorAs(t, d.Err(), &err, stored)
		assert.ErrorContains(t, err, "the value of the cursor is not a state.Pair[time.Time,int64]")
	}
}

func TestOptionsApplyToCursorsOfPairs(t *testing.T) {
	type pair = state.Pair[time.Time, int64]
	d := parse(t, `{"t":{"cursor":["2026-01-02T05:00:00Z",7]}}`)
	c := state.NewCursor[pair](d, "t", state.Lookback(time.Hour))
	assert.Equal(t, pair{at(4), 0}, c.Start(), "no row at four o'clock is skipped")
	assert.Equal(t, pair{at(5), 7}, state.NewCursor[pair](d, "t", state.Lookback(time.Duration(0))).Start())
	assert.Equal(t, pair{at(5), 9}, state.NewCursor[pair](d, "t", state.StartAt(pair{at(5), 9})).Start())
	assert.Equal(t, pair{at(6), 0}, state.NewCursor[pair](d, "t", state.StartAt(at(6))).Start())
	assert.Equal(t, state.PairOf(int64(math.MinInt64), ""),
		state.NewCursor[state.Pair[int64, string]](parse(t, `{"t":{"cursor":[-9223372036854775808,"x"]}}`), "t", state.Lookback(int64(1))).Start())

	c = state.NewCursor[pair](d, "t", state.Sorted(), state.UpTo(at(8)))
	assert.Equal(t, pair{at(8), 0}, c.End())
	for _, v := range []pair{{at(7), 3}, {at(8), 5}, {at(9), 1}, {at(8), 4}} {
		c.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":["2026-01-02T08:00:00Z",0]}}`, string(d.Saved()))

	for _, opts := range [][]state.Option{{state.Exclusive()}, {state.Exclusive(), state.Sorted()}} {
		d = state.New()
		c = state.NewCursor[pair](d, "t", opts...)
		c.Advance(pair{at(7), 3})
		c.Advance(pair{at(7), 4})
		require.NoError(t, d.Finish())
		assert.Equal(t, `{"t":{"cursor":["2026-01-02T07:00:00Z",3]}}`, string(d.Saved()))
	}

	d = state.New()
	p := state.NewPartitions[pair](d, "t", 1, state.UpTo(at(8)))
	p.Cursor("a").Advance(pair{at(7), 3})
	p.Cursor("b").Advance(pair{at(7), 4})
	require.NoError(t, d.Finish())
	assert.Equal(t, pair{at(8), 0}, state.NewPartitions[pair](next(t, d), "t", 1).Cursor("b").Start())
}

func TestUnsortedPairsOfASortedCursorAreAnError(t *testing.T) {
	for _, second := range []state.Pair[int64, int64]{{7, 2}, {6, 9}, {6, 0}} {
		d := state.New()
		c := state.NewCursor[state.Pair[int64, int64]](d, "t", state.Sorted())
		c.Advance(state.PairOf(int64(7), int64(3)))
		c.Advance(second)
		var order *state.OrderError
		assert.ErrorAs(t, d.Err(), &order, second)
	}
}

func TestAPairIsAnArrayOfTwoValues(t *testing.T) {
	raw, err := json.Marshal(state.PairOf(at(1), "x"))
	require.NoError(t, err)
	assert.Equal(t, `["2026-01-02T01:00:00Z","x"]`, string(raw))
	var p state.Pair[time.Time, string]
	found, err := parse(t, fmt.Sprintf(`{"t":{"cursor":%s}}`, raw)).Table("t").Get("cursor", &p)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, state.PairOf(at(1), "x"), p)
	for _, in := range []string{`7`, `[]`, `["2026-01-02T01:00:00Z"]`, `[1,"x"]`, `["2026-01-02T01:00:00Z",1]`} {
		assert.Error(t, json.Unmarshal([]byte(in), &p), in)
	}
}
