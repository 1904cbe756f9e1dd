package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestUnsavedNamesTheTablesWithoutProgress(t *testing.T) {
	for name, test := range map[string]struct {
		sync func(d *state.Document) error
		want []string
	}{
		"a sorted cursor with a checkpoint": {func(d *state.Document) error {
			state.NewCursor[int64](d, "t", state.Sorted()).Advance(7)
			return d.Checkpoint()
		}, nil},
		"a checkpoint before the last rows": {func(d *state.Document) error {
			cursor := state.NewCursor[int64](d, "t", state.Sorted())
			cursor.Advance(7)
			err := d.Checkpoint()
			cursor.Advance(8)
			return err
		}, nil},
		"no checkpoint": {func(d *state.Document) error {
			state.NewCursor[int64](d, "t", state.Sorted()).Advance(7)
			return nil
		}, []string{"t"}},
		"a cursor that is not sorted": {func(d *state.Document) error {
			state.NewCursor[int64](d, "t").Advance(7)
			return d.Checkpoint()
		}, []string{"t"}},
		"a value without a checkpoint": {func(d *state.Document) error { return d.Table("t").Set("page", 2) }, []string{"t"}},
		"no new rows": {func(d *state.Document) error {
			state.NewCursor[int64](d, "t").Advance(5)
			return d.Checkpoint()
		}, nil},
		"no position": {func(d *state.Document) error { return d.Checkpoint() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := state.Parse([]byte(`{"t":{"cursor":5}}`))
			require.NoError(t, err)
			d.Declare(state.Declaration{Name: "t", Selected: true})
			d.Begin()
			require.NoError(t, test.sync(d))
			assert.Equal(t, test.want, d.Unsaved())
		})
	}
}

func TestACheckpointOfATableSavesThePositionOfItsFollowers(t *testing.T) {
	for name, save := range map[string]func(d *state.Document) error{
		"of the whole state": func(d *state.Document) error { return d.Checkpoint() },
		"of names":           func(d *state.Document) error { return d.Checkpoint("items", "orders") },
		"of a set":           func(d *state.Document) error { return d.TableSet("items", "orders").Checkpoint() },
	} {
		d := state.New()
		d.Declare(state.Declaration{Name: "orders", Selected: true})
		d.Declare(state.Declaration{Name: "items", Selected: true, Follows: "orders"})
		d.Begin()
		state.NewCursor[int64](d, "orders", state.Sorted()).Advance(1)
		assert.Equal(t, []string{"orders"}, d.Unsaved(), name)
		require.NoError(t, save(d))
		assert.Empty(t, d.Unsaved(), name)
	}
}
