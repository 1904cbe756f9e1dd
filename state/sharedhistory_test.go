package state_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// A logHistory is a source with a log of changes to some tables, a connector that calls
// Missed in each sync, and a platform.
type logHistory struct {
	t       *testing.T
	random  *rand.Rand
	log     []string // the table of each change
	arrived map[string]map[int]bool
	saved   []byte
	story   []string
}

var logged = []string{"a", "b", "c", "d"}

func (h *logHistory) chance(of int) bool { return h.random.IntN(of) == 0 }

func (h *logHistory) edit(edit func(parts map[string]json.RawMessage)) {
	parts := map[string]json.RawMessage{}
	if len(h.saved) > 0 {
		require.NoError(h.t, json.Unmarshal(h.saved, &parts))
	}
	edit(parts)
	h.saved, _ = json.Marshal(parts)
}

// sync runs one sync that may be killed after limit operations. Tables that are absent
// are not in the schema. If the platform stores the parts of tables separately, it does
// not store those of tables that are not selected.
func (h *logHistory) sync(selected, absent map[string]bool, limit int, separately, asks bool) {
	h.story = append(h.story, fmt.Sprint("selected ", selected, " absent ", absent, " limit ", limit, separately, " log ", h.log))
	d, err := state.Parse(h.saved)
	require.NoError(h.t, err)
	before := h.saved
	for _, name := range logged {
		if !absent[name] {
			d.Declare(state.Declaration{Name: name, Selected: selected[name]})
		}
	}
	d.Begin()
	operations := 0
	held := map[string]bool{}
	step := func() (alive bool) {
		operations++
		if h.chance(12) && len(held) == 0 && limit > 0 {
			name := logged[h.random.IntN(len(logged))]
			held[name] = true
			d.Hold(name)
		}
		require.NoError(h.t, d.Checkpoint())
		if h.chance(2) {
			h.saved = d.Saved()
			if separately {
				var old map[string]json.RawMessage
				_ = json.Unmarshal(before, &old)
				h.edit(func(parts map[string]json.RawMessage) {
					for _, name := range logged {
						if selected[name] {
							continue
						}
						delete(parts, name)
						if old[name] != nil {
							parts[name] = old[name]
						}
					}
				})
			}
		}
		return limit == 0 || operations < limit
	}
	deliver := func(n int) {
		if name := h.log[n]; selected[name] && !absent[name] && !held[name] {
			h.arrived[name][n] = true
		}
	}
	position := -1
	found, err := d.Shared().Get("position", &position)
	require.NoError(h.t, err)
	if !found { // where the log is now
		position = len(h.log)
		require.NoError(h.t, d.Shared().Set("position", position))
	}
	if asks {
		for _, name := range d.Missed() {
			for n, of := range h.log[:position] {
				if of == name {
					deliver(n)
				}
			}
			if !step() {
				return
			}
			if !held[name] {
				d.Cover(name)
			}
			if !step() {
				return
			}
		}
	}
	for ; position < len(h.log); position++ {
		deliver(position)
		require.NoError(h.t, d.Shared().Set("position", position+1))
		if !step() {
			return
		}
	}
	require.NoError(h.t, d.Finish())
	h.saved = d.Saved()
}

func TestNoChangeOfASharedLogIsLostInRandomHistories(t *testing.T) {
	for seed := range 20 * histories() {
		h := &logHistory{t: t, random: rand.New(rand.NewPCG(seed, 3)), arrived: map[string]map[int]bool{}}
		for _, name := range logged {
			h.arrived[name] = map[int]bool{}
		}
		for range 12 {
			for range h.random.IntN(6) {
				h.log = append(h.log, logged[h.random.IntN(len(logged))])
			}
			selected, absent, limit := map[string]bool{}, map[string]bool{}, 0
			for _, name := range logged {
				selected[name], absent[name] = !h.chance(3), h.chance(6)
			}
			if h.chance(3) {
				limit = 1 + h.random.IntN(10)
			}
			if h.chance(6) {
				name := logged[h.random.IntN(len(logged))]
				clear(h.arrived[name])
				h.edit(func(parts map[string]json.RawMessage) { delete(parts, name) })
				h.story = append(h.story, "reset "+name)
			}
			h.sync(selected, absent, limit, h.chance(4), !h.chance(6))
		}
		everything := map[string]bool{}
		for _, name := range logged {
			everything[name] = true
		}
		h.sync(everything, nil, 0, false, true)
		for n, name := range h.log {
			if !h.arrived[name][n] {
				for _, line := range h.story {
					t.Log(line)
				}
				require.Fail(t, "change missing", "seed %d: %s %d; the state is %s", seed, name, n, h.saved)
			}
		}
		d, err := state.Parse(h.saved)
		require.NoError(t, err)
		for _, name := range slices.Backward(logged) {
			d.Declare(state.Declaration{Name: name, Selected: true})
		}
		d.Begin()
		require.Empty(t, d.Missed(), "nothing is read again without need")
	}
}
