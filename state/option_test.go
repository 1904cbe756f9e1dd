package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/state"
)

func TestAnInvalidUseEndsTheSync(t *testing.T) {
	for want, use := range map[string]func(state.State){
		"tokens have no order: remove the options Sorted, Exclusive and UpTo": func(st state.State) { state.NewCursor[state.Token](st, "t", state.Sorted()) },
		"tokens have no order": func(st state.State) { state.NewCursor[state.Token](st, "t", state.UpTo(state.Token("x"))) },
		"the option StartAt has the type string, but the cursor has the type int64":  func(st state.State) { state.NewCursor[int64](st, "t", state.StartAt("x")).Advance(1) },
		"the option UpTo has the type int64, but the cursor has the type time.Time":  func(st state.State) { state.NewCursor[time.Time](st, "t", state.UpTo(int64(1))).Advance(at(1)) },
		"a Lookback of type time.Duration does not apply to a cursor of type string": func(st state.State) { state.NewCursor[string](st, "t", state.Lookback(time.Second)) },
		"a Lookback of type int64 does not apply to a cursor of type time":           func(st state.State) { state.NewCursor[time.Time](st, "t", state.Lookback(int64(1))) },
		"the Lookback is negative": func(st state.State) { state.NewCursor[int64](st, "t", state.Lookback(int64(-1))) },
		"two cursors of different types": func(st state.State) {
			state.NewCursor[int64](st, "t", state.Sorted()).Advance(1)
			state.NewCursor[string](st, "t")
		},
		"the option UpTo has the type state.Pair[string,int64], but the cursor": func(st state.State) {
			state.NewCursor[state.Pair[time.Time, int64]](st, "t", state.UpTo(state.PairOf("x", int64(1))))
		},
		"the option StartAt has the type state.Token, but the cursor": func(st state.State) {
			state.NewCursor[state.Pair[string, string]](st, "t", state.StartAt(state.Token("x")))
		},
		"a Lookback of type int64 does not apply to a cursor of type state.Pair[time.Time,string]": func(st state.State) {
			state.NewCursor[state.Pair[time.Time, string]](st, "t", state.Lookback(int64(1)))
		},
		"AllowFuture does not apply to a cursor of type int64": func(st state.State) { state.NewCursor[int64](st, "t", state.AllowFuture()) },
		"the option UpTo has the type string":                  func(st state.State) { state.NewPartitions[int64](st, "t", 1, state.UpTo("x")) },
		"the key \"\\xff\" of partitions: it is not": func(st state.State) {
			state.NewPartitions[int64](st, "t", 1, state.Key("\xff")).Cursor("a").Advance(1)
		},
		"the partitions of the table are stored under the key x": func(st state.State) {
			state.NewPartitions[int64](st, "t", 1, state.Key("x")).Cursor("a")
			state.NewCursor[int64](st, "t", state.Key("x")).Advance(1)
		},
		"a cursor is stored under the key x of partitions": func(st state.State) {
			state.NewCursor[int64](st, "t", state.Key("x")).Advance(1)
			state.NewPartitions[int64](st, "t", 1, state.Key("x")).Cursor("a").Advance(1)
		},
		"the key \"_x\" of a cursor: keys that begin with an underscore are reserved":   func(st state.State) { state.NewCursor[int64](st, "t", state.Key("_x")).Advance(1) },
		"the key \"_x\" of partitions: keys that begin with an underscore are reserved": func(st state.State) { state.NewPartitions[int64](st, "t", 1, state.Key("_x")) },
		"two sets of partitions of different types": func(st state.State) {
			state.NewPartitions[int64](st, "t", 1).Cursor("a").Advance(1)
			state.NewPartitions[string](st, "t", 1).Cursor("a").Advance("x")
		},
		"the key \"\\xff\" of a cursor: it is not": func(st state.State) { state.NewCursor[int64](st, "t", state.Key("\xff")) },
		"the name \"\\xff\" of a table is not":     func(st state.State) { state.NewCursor[int64](st, "\xff") },
		"the name \"\\xff\" of a partition":        func(st state.State) { state.NewPartitions[int64](st, "t", 1).Cursor("\xff") },
		"the name _shared is reserved":             func(st state.State) { state.NewCursor[int64](st, "_shared").Advance(1) },
		"the name _version is reserved":            func(st state.State) { _ = st.Table("_version").Set("a", 1) },
		"advanced to a time whose year is": func(st state.State) {
			state.NewCursor[time.Time](st, "t").Advance(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
		},
		"advanced to text that is not valid": func(st state.State) { state.NewCursor[string](st, "t").Advance("\xff") },
		"advanced to text that is not valid U": func(st state.State) {
			state.NewCursor[state.Pair[int64, string]](st, "t").Advance(state.PairOf(int64(1), "\xff"))
		},
		"to text that is not valid UTF-8, wh": func(st state.State) { state.NewCursor[state.Token](st, "t").Advance("\xff") },
	} {
		d := state.New()
		use(d)
		assert.ErrorContains(t, d.Err(), want)
		assert.ErrorContains(t, d.Finish(), want)
		assert.Equal(t, `{}`, string(d.Saved()), "nothing must be saved")
		var configuration interface{ Configuration() bool }
		assert.NotErrorAs(t, d.Err(), &configuration, "the author must fix it, not the user: %v", d.Err())
	}
}
