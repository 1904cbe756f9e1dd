package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestUsesTellWhetherACursorHasMoved(t *testing.T) {
	for name, test := range map[string]struct {
		sync func(d *state.Document)
		want state.TableUse
	}{
		"a sorted cursor":    {func(d *state.Document) { state.NewCursor[int64](d, "t", state.Sorted()).Advance(7) }, state.TableUse{Cursor: true, Sorted: true, Moved: true}},
		"an unsorted cursor": {func(d *state.Document) { state.NewCursor[int64](d, "t").Advance(7) }, state.TableUse{Cursor: true, Moved: true}},
		"an exclusive cursor before its second value": {func(d *state.Document) {
			state.NewCursor[int64](d, "t", state.Exclusive()).Advance(7)
		}, state.TableUse{Cursor: true, Moved: true}},
		"a token":                       {func(d *state.Document) { state.NewCursor[state.Token](d, "t").Advance("x") }, state.TableUse{Cursor: true, Sorted: true, Moved: true}},
		"a partition":                   {func(d *state.Document) { state.NewPartitions[int64](d, "t", 5).Cursor("p").Advance(7) }, state.TableUse{Cursor: true, Moved: true}},
		"a cursor that is not advanced": {func(d *state.Document) { state.NewCursor[int64](d, "t", state.Sorted()) }, state.TableUse{Cursor: true, Sorted: true}},
		"a zero time": {func(d *state.Document) {
			state.NewCursor[time.Time](d, "t", state.StartAt(time.Unix(0, 0))).Advance(time.Time{})
		}, state.TableUse{Cursor: true}},
		"a partition that is not advanced": {func(d *state.Document) { state.NewPartitions[int64](d, "t", 5, state.Sorted()).Cursor("p") }, state.TableUse{Cursor: true, Sorted: true}},
		"a value":                          {func(d *state.Document) { require.NoError(t, d.Table("t").Set("page", 2)) }, state.TableUse{Moved: true}},
	} {
		d := state.New()
		d.Declare(state.Declaration{Name: "t", Selected: true})
		d.Declare(state.Declaration{Name: "other", Selected: true})
		d.Begin()
		test.sync(d)
		test.want.Table = "t"
		assert.Equal(t, []state.TableUse{test.want}, d.TableUses(), name)
		require.NoError(t, d.Finish(), name)
		assert.Equal(t, []state.TableUse{test.want}, d.TableUses(), "%s, at the end", name)
	}
}
