package state_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/state"
)

// manyTables returns the state of a sync of n tables. Each table but the first of its
// group follows that one.
func manyTables(n, group int) *state.Document {
	d := state.New()
	for i := range n {
		declared := state.Declaration{Name: strconv.Itoa(i), Selected: true}
		if first := i - i%group; first != i {
			declared.Follows = strconv.Itoa(first)
		}
		d.Declare(declared)
	}
	d.Begin()
	return d
}

func TestTheCostOfACheckpointDoesNotDependOnTheNumberOfTables(t *testing.T) {
	for name, work := range map[string]func(n int) error{
		"of the whole state": func(n int) error {
			d := manyTables(n, 1)
			for i := range n {
				state.NewCursor[int64](d, strconv.Itoa(i), state.Sorted()).Advance(1)
				if err := d.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
		"of the shared part": func(n int) error {
			d := manyTables(n, 1)
			for i := range n {
				if err := d.Shared().Set("n", i); err != nil {
					return err
				}
				if err := d.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
		"after Cover": func(n int) error {
			d := manyTables(n, 1)
			for i, name := range d.Missed() {
				d.Cover(name)
				if err := d.Shared().Set("n", i); err != nil {
					return err
				}
				if err := d.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
		"of a table that ends": func(n int) error {
			d := manyTables(n, 2)
			for i := range n / 2 {
				name := strconv.Itoa(2 * i)
				state.NewCursor[int64](d, name).Advance(1)
				if err := d.Finish(name); err != nil {
					return err
				}
			}
			return nil
		},
		"after a follower was declared": func(n int) error {
			d := manyTables(1, 1)
			cursor := state.NewCursor[int64](d, "0", state.Sorted())
			for i := range int64(n) {
				d.Declare(state.Declaration{Name: fmt.Sprint("late", i), Follows: "0", Selected: true})
				cursor.Advance(i + 1)
				if err := d.Checkpoint("0"); err != nil {
					return err
				}
			}
			return nil
		},
		"after each follower was truncated": func(n int) error {
			d := manyTables(n, n)
			cursor := state.NewCursor[int64](d, "0", state.Sorted())
			for i := range n {
				d.Truncate(strconv.Itoa(i))
				cursor.Advance(int64(i + 1))
				if err := d.Checkpoint("0"); err != nil {
					return err
				}
			}
			return nil
		},
		"after an error": func(n int) error {
			d := manyTables(n, 1)
			for i := range n {
				name := strconv.Itoa(i)
				state.NewCursor[string](d, name).Advance("\xff")
				if d.Checkpoint(name) == nil {
					return fmt.Errorf("table %s has no error", name)
				}
				d.Hold(name)
				if err := d.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) uint64 {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				assert.NoError(t, work(n))
				runtime.ReadMemStats(&after)
				return after.TotalAlloc - before.TotalAlloc
			}
			one, four := cost(1_000), cost(4_000)
			assert.LessOrEqual(t, four, 6*one, "%d and %d bytes", one, four)
		})
	}
}
