package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/state"
)

func TestOptionsThatDoNotFitEndTheSync(t *testing.T) {
	for want, use := range map[string]func(state.State){
		"tokens have no order: drop Sorted, Exclusive and UpTo": func(st state.State) { state.NewCursor[state.Token](st, "t", state.Sorted()) },
		"tokens have no order":                                         func(st state.State) { state.NewCursor[state.Token](st, "t", state.UpTo(state.Token("x"))) },
		"option StartAt has a string, the cursor a int64":              func(st state.State) { state.NewCursor[int64](st, "t", state.StartAt("x")).Advance(1) },
		"option UpTo has a int64, the cursor a time.Time":              func(st state.State) { state.NewCursor[time.Time](st, "t", state.UpTo(int64(1))).Advance(at(1)) },
		"a Lookback of a duration does not go with a cursor of string": func(st state.State) { state.NewCursor[string](st, "t", state.Lookback(time.Second)) },
		"a Lookback of an integer does not go with a cursor of time":   func(st state.State) { state.NewCursor[time.Time](st, "t", state.Lookback(int64(1))) },
		"the Lookback is negative":                                     func(st state.State) { state.NewCursor[int64](st, "t", state.Lookback(int64(-1))) },
		"two cursors of different types": func(st state.State) {
			state.NewCursor[int64](st, "t", state.Sorted()).Advance(1)
			state.NewCursor[string](st, "t")
		},
		"drop the option Key":               func(st state.State) { state.NewPartitions[int64](st, "t", 1, state.Key("x")) },
		"the cursor's key \"\\xff\" is not": func(st state.State) { state.NewCursor[int64](st, "t", state.Key("\xff")) },
		"the table's name \"\\xff\" is not": func(st state.State) { state.NewCursor[int64](st, "\xff") },
		"the partition's name \"\\xff\"":    func(st state.State) { state.NewPartitions[int64](st, "t", 1).Cursor("\xff") },
		"no table can be called _shared":    func(st state.State) { state.NewCursor[int64](st, "_shared").Advance(1) },
		"no table can be called _version":   func(st state.State) { _ = st.Table("_version").Set("a", 1) },
		"advanced to a time whose year is": func(st state.State) {
			state.NewCursor[time.Time](st, "t").Advance(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
		},
		"advanced to text that is not valid":  func(st state.State) { state.NewCursor[string](st, "t").Advance("\xff") },
		"to text that is not valid UTF-8, wh": func(st state.State) { state.NewCursor[state.Token](st, "t").Advance("\xff") },
	} {
		d := state.New()
		use(d)
		assert.ErrorContains(t, d.Err(), want)
		assert.ErrorContains(t, d.Finish(), want)
		assert.Equal(t, `{}`, string(d.Saved()), "nothing is saved")
		var configuration interface{ Configuration() bool }
		assert.NotErrorAs(t, d.Err(), &configuration, "it is the author's to mend: %v", d.Err())
	}
}
