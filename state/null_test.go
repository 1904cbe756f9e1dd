package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// ignores checks that the null values neither break the order of a cursor nor
// move it, wherever they are in the order.
func ignores[T state.Value](t *testing.T, low, high T, nulls ...T) {
	t.Helper()
	for _, null := range nulls {
		for _, opts := range [][]state.Option{nil, {state.Sorted()}, {state.Exclusive()}, {state.Sorted(), state.Exclusive()}} {
			if _, opaque := any(null).(state.Token); opaque && len(opts) > 0 {
				continue
			}
			with, without := state.New(), state.New()
			for _, d := range []*state.Document{with, without} {
				c := state.NewCursor[T](d, "t", opts...)
				for _, v := range []T{null, low, null, high, null} {
					if d == with || v != null {
						c.Advance(v)
					}
				}
				require.NoError(t, d.Finish())
			}
			assert.Equal(t, string(without.Saved()), string(with.Saved()), "%v", null)

			d := state.New()
			state.NewCursor[T](d, "t", opts...).Advance(null)
			state.NewCursor[T](d, "t", opts...).AdvanceNullable(nil)
			p := state.NewPartitions[T](d, "t", 1, opts...)
			p.Cursor("a").Advance(null)
			require.NoError(t, d.Finish())
			assert.Equal(t, `{}`, string(d.Saved()), "%v", null)
		}
	}
}

func TestANullNeitherBreaksTheOrderNorMovesACursor(t *testing.T) {
	type pair = state.Pair[time.Time, int64]
	smallest := time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", 7200))
	t.Run("time", func(t *testing.T) {
		ignores(t, at(1), at(2), time.Time{}, time.Time{}.Local(), smallest, time.Time{}.Add(12*time.Hour))
	})
	t.Run("integer", func(t *testing.T) { ignores[int64](t, 4, 5, 0) })
	t.Run("negative integers", func(t *testing.T) { ignores[int64](t, -5, -4, 0) })
	t.Run("string", func(t *testing.T) { ignores(t, "a", "b", "") })
	t.Run("token", func(t *testing.T) { ignores[state.Token](t, "a", "b", "") })
	t.Run("pair", func(t *testing.T) {
		ignores(t, pair{at(1), 7}, pair{at(2), 3}, pair{}, pair{First: smallest}, pair{Second: 9})
		ignores(t, state.PairOf(int64(1), "a"), state.PairOf(int64(2), "a"), state.PairOf(int64(0), "z"))
		ignores(t, state.PairOf("a", "a"), state.PairOf("b", "b"), state.PairOf("", "z"))
	})
}

func TestANullSecondValueDoesNotBreakTheOrder(t *testing.T) {
	d := state.New()
	c := state.NewCursor[state.Pair[int64, int64]](d, "t", state.Sorted())
	for _, v := range []state.Pair[int64, int64]{{1, 5}, {1, 0}, {2, 0}, {2, 3}, {2, 0}} {
		c.Advance(v)
	}
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":[2,3]}}`, string(d.Saved()))
}

func TestUnixTimeZeroIsNotANull(t *testing.T) {
	d := state.New()
	c := state.NewCursor[time.Time](d, "t", state.Sorted())
	before, zero := time.Unix(-1, 0), time.Unix(0, 0)
	c.AdvanceNullable(&before)
	c.AdvanceNullable(nil)
	c.AdvanceNullable(&zero)
	require.NoError(t, d.Finish())
	assert.Equal(t, `{"t":{"cursor":"1970-01-01T00:00:00Z"}}`, string(d.Saved()))
	c.Advance(time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC))
	assert.ErrorContains(t, d.Err(), "not sorted")
}
