package state_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// A splitLog is a source with a log of changes, a connector that calls Missed in each
// sync, and a platform that stores the shared part and the part of each table
// separately.
type splitLog struct {
	t      *testing.T
	random *rand.Rand
	log    []string // the table of each change
	stored map[string]map[int]bool
	parts  map[string][]string // since the table was reset
	story  []string
}

func (h *splitLog) chance(of int) bool { return h.random.IntN(of) == 0 }

// join returns the state that the platform hands back.
func (h *splitLog) join(isLatest bool) []byte {
	var states [][]byte
	for _, name := range append([]string{state.SharedName}, logged...) {
		parts := h.parts[name]
		if len(parts) == 0 || !isLatest && h.chance(12) {
			continue
		}
		p := parts[len(parts)-1]
		if !isLatest && h.chance(4) {
			p = parts[h.random.IntN(len(parts))]
		}
		h.story = append(h.story, "\t"+name+" "+p)
		states = append(states, []byte(p))
	}
	joined, err := state.Join(states)
	require.NoError(h.t, err)
	return joined
}

// sync runs one sync that may be killed after limit operations. If everything is set, the
// platform stores all of it.
func (h *splitLog) sync(selected, absent map[string]bool, limit int, everything bool) (missed []string) {
	d, err := state.Parse(h.join(everything || h.chance(2)))
	require.NoError(h.t, err)
	for _, name := range logged {
		if !absent[name] {
			d.Declare(state.Declaration{Name: name, Selected: selected[name]})
		}
	}
	d.Begin()
	h.story = append(h.story, fmt.Sprint("sync ", selected, absent, limit, everything, len(h.log)))
	sent, rows, held := []sentCheckpoint{}, map[string][]int{}, map[string]bool{}
	send := func() {
		c := sentCheckpoint{map[string]string{}, map[string]int{}}
		snapshot := d.Snapshot()
		for _, p := range snapshot.Parts() {
			c.parts[p.Name] = string(snapshot.Pick(p))
		}
		for name, all := range rows {
			c.rows[name] = len(all)
		}
		sent = append(sent, c)
	}
	operations := 0
	step := func() (alive bool) {
		operations++
		if h.chance(12) && len(held) == 0 && limit > 0 {
			name := logged[h.random.IntN(len(logged))]
			held[name] = true
			d.Hold(name)
		}
		require.NoError(h.t, d.Checkpoint())
		if h.chance(2) {
			send()
		}
		return limit == 0 || operations < limit
	}
	deliver := func(name string, n int) {
		if selected[name] && !absent[name] && !held[name] {
			rows[name] = append(rows[name], n)
		}
	}
	missed = h.read(d, deliver, held, step)
	if limit == 0 || operations < limit {
		require.NoError(h.t, d.Finish())
		send()
	}
	for _, name := range append([]string{state.SharedName}, logged...) {
		upTo := h.random.IntN(len(sent) + 1)
		h.story = append(h.story, fmt.Sprint("\trows ", name, rows[name], " of ", len(sent)))
		if everything || h.chance(3) {
			upTo = len(sent)
		}
		h.story = append(h.story, fmt.Sprint("\tstored ", name, upTo))
		if upTo == 0 {
			continue
		}
		for _, n := range rows[name][:sent[upTo-1].rows[name]] {
			if n == truncation {
				clear(h.stored[name])
				delete(h.parts, name)
				continue
			}
			h.stored[name][n] = true
		}
		if name == state.SharedName || selected[name] {
			h.parts[name] = append(h.parts[name], cmp.Or(sent[upTo-1].parts[name], "{}"))
		}
	}
	return missed
}

// truncation takes the place of a change. It deletes all rows of a table.
const truncation = -1

// read is the connector.
func (h *splitLog) read(d *state.Document, deliver func(name string, n int), held map[string]bool, step func() bool) (missed []string) {
	position := -1
	found, err := d.Shared().Get("position", &position)
	require.NoError(h.t, err)
	if !found { // where the log is now
		position = len(h.log)
		require.NoError(h.t, d.Shared().Set("position", position))
	}
	missed = d.Missed()
	for _, name := range missed {
		deliver(name, truncation)
		if h.chance(2) && !step() {
			return missed
		}
		for n, of := range h.log[:position] {
			if of == name {
				deliver(name, n)
			}
		}
		if !step() {
			return missed
		}
		if !held[name] {
			d.Cover(name)
		}
		if !step() {
			return missed
		}
	}
	for ; position < len(h.log); position++ {
		deliver(h.log[position], position)
		require.NoError(h.t, d.Shared().Set("position", position+1))
		if !step() {
			return missed
		}
	}
	return missed
}

func TestNoChangeOfASharedLogIsLostHoweverAPlatformStoresTheParts(t *testing.T) {
	for seed := range 4 * histories() {
		h := &splitLog{t: t, random: rand.New(rand.NewPCG(seed, 13)), stored: map[string]map[int]bool{}, parts: map[string][]string{}}
		everything := map[string]bool{}
		for _, name := range logged {
			h.stored[name], everything[name] = map[int]bool{}, true
		}
		for range 12 {
			for range h.random.IntN(6) {
				h.log = append(h.log, logged[h.random.IntN(len(logged))])
			}
			selected, absent, limit := map[string]bool{}, map[string]bool{}, 0
			for _, name := range logged {
				selected[name], absent[name] = !h.chance(4), h.chance(8)
			}
			if h.chance(3) {
				limit = 1 + h.random.IntN(10)
			}
			if h.chance(6) {
				name := logged[h.random.IntN(len(logged))]
				clear(h.stored[name])
				delete(h.parts, name)
			}
			h.sync(selected, absent, limit, false)
		}
		h.sync(everything, nil, 0, true)
		for n, name := range h.log {
			if !h.stored[name][n] {
				for _, line := range h.story {
					t.Log(line)
				}
				require.Fail(t, "change missing", "seed %d: %s %d", seed, name, n)
			}
		}
		require.Empty(t, h.sync(everything, nil, 0, true), "nothing is read again without need")
	}
}
