package state_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// The ways in which a sync moves the position of the table t.
var columnPositions = map[string]func(d *state.Document, n int64) error{
	"its own": func(d *state.Document, n int64) error {
		state.NewCursor[int64](d, "t", state.Sorted()).Advance(n)
		return nil
	},
	"that of the table it follows": func(d *state.Document, n int64) error {
		state.NewCursor[int64](d, "o", state.Sorted()).Advance(n)
		return nil
	},
	"shared": func(d *state.Document, n int64) error { return d.Shared().Set("position", n) },
	"shared, and the connector asks what was missed": func(d *state.Document, n int64) error {
		for _, name := range d.Missed() {
			d.Cover(name)
		}
		return d.Shared().Set("position", n)
	},
}

func TestTheUserIsWarnedExactlyWhenRowsLackAColumnInRandomHistories(t *testing.T) {
	const delivered, deselected, removed = 0, 1, 2
	for name, move := range columnPositions {
		t.Run(name, func(t *testing.T) {
			for seed := range 10 * histories() {
				random := rand.New(rand.NewPCG(seed, 1))
				var saved []byte
				lacking := map[string]bool{} // columns that rows lack, of which the user does not know
				for n := range int64(10) {
					d, err := state.Parse(saved)
					require.NoError(t, err)
					of := map[string]int{"x": random.IntN(3), "y": random.IntN(3)}
					declared := state.Declaration{Name: "t", Selected: random.IntN(4) > 0}
					for _, c := range []string{"x", "y"} {
						switch {
						case of[c] == removed:
						case of[c] == deselected || !declared.Selected:
							declared.Without = append(declared.Without, c)
						default:
							declared.Columns = append(declared.Columns, c)
						}
					}
					d.Declare(state.Declaration{Name: "o", Selected: true})
					if strings.Contains(name, "follows") {
						declared.Follows = "o"
					}
					d.Declare(declared)
					d.Begin()
					require.NoError(t, move(d, n+1)) // 0 moves no cursor
					require.NoError(t, d.Checkpoint())
					if random.IntN(3) > 0 {
						d.Freeze()
						require.NoError(t, d.Finish())
					}
					if random.IntN(6) == 0 {
						continue // killed before the state and its warnings
					}
					saved = d.Saved()
					warnings := strings.Join(d.TakeWarnings(), "\n")
					for c, now := range of {
						if now == delivered && declared.Selected {
							told := strings.Contains(warnings, c+" until") || strings.Contains(warnings, c+", y until")
							require.Equal(t, lacking[c], told, fmt.Sprint("seed ", seed, ", sync ", n, ", column ", c, ": ", warnings))
						}
						if declared.Selected && now != removed {
							lacking[c] = now == deselected
						}
					}
				}
			}
		})
	}
}
