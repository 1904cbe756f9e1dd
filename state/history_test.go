package state_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

var long = flag.Bool("long", false, "run more random histories")

// histories returns the number of random histories of a test.
func histories() uint64 {
	if *long {
		return 200
	}
	return 8
}

// A reader reads the rows of a carrier from the position in the state. It calls emit for
// each row, which returns false if the sync ends. The source has the rows 1 to rows.
type reader func(st state.State, carrier string, rows int64, emit func(row int64) bool)

// readers are the ways in which a connector can keep its position.
var readers = map[string]reader{
	"sorted": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[int64](st, carrier, state.Sorted(), state.StartAt[int64](1))
		for n := c.Start(); n <= rows && emit(n); n++ {
			c.Advance(n)
		}
	},
	"unsorted": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[int64](st, carrier, state.StartAt[int64](1))
		for n := rows; n >= c.Start() && emit(n); n-- {
			c.Advance(n)
		}
	},
	"token": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[state.Token](st, carrier)
		n := int64(0)
		_, _ = fmt.Sscan(string(c.Start()), &n)
		for n++; n <= rows && emit(n); n++ {
			c.Advance(state.Token(fmt.Sprint(n)))
		}
	},
	"partitions":               readPartitions(10),
	"partitions above a limit": readPartitions(2),
	"pair": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[state.Pair[int64, int64]](st, carrier, state.Sorted())
		start := c.Start()
		for n := max(1, (start.First-1)*4+start.Second); n <= rows && emit(n); n++ {
			c.Advance(state.PairOf(n/4+1, n%4))
		}
	},
	"value": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		n := int64(0)
		_, _ = st.Table(carrier).Get("page", &n)
		for n++; n <= rows && emit(n); n++ {
			_ = st.Table(carrier).Set("page", n)
		}
	},
	"two cursors": func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		for i := range int64(2) {
			c := state.NewCursor[int64](st, carrier, state.Sorted(), state.Key(fmt.Sprintf("c%d", i)))
			for n := max(c.Start(), 1); n <= rows; n++ {
				if n%2 != i {
					continue
				}
				if !emit(n) {
					return
				}
				c.Advance(n)
			}
		}
	},
}

func readPartitions(limit int) reader {
	return func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		all := state.NewPartitions[int64](st, carrier, limit, state.Sorted())
		for p := range int64(4) {
			c := all.Cursor(fmt.Sprint(p))
			for n := max(c.Start(), 1); n <= rows; n++ {
				if n%4 != p {
					continue
				}
				if !emit(n) {
					return
				}
				c.Advance(n)
			}
		}
	}
}

// A history is a source, a platform, and what happened to them. The tables items, notes
// and tags follow orders or invoices.
type history struct {
	t       *testing.T
	random  *rand.Rand
	read    reader
	rows    int64
	version int
	follows map[string]string                   // by follower
	arrived map[string]map[string]map[int64]int // the version of each row, by table and carrier
	want    map[string]int                      // the version that each row of a table must have
	saved   []byte
	log     []string
	count   int // rows of the last sync
}

var carriers = []string{"orders", "invoices"}

func newHistory(t *testing.T, seed uint64, read reader) *history {
	t.Helper()
	h := &history{
		t: t, random: rand.New(rand.NewPCG(seed, 7)), read: read, rows: 6, version: 1,
		follows: map[string]string{"items": "orders", "notes": "orders", "tags": "invoices"},
		arrived: map[string]map[string]map[int64]int{}, want: map[string]int{},
	}
	for _, name := range append(slices.Collect(maps.Keys(h.follows)), carriers...) {
		h.want[name] = 1
		h.clear(name)
	}
	return h
}

func (h *history) clear(table string) {
	h.arrived[table] = map[string]map[int64]int{"orders": {}, "invoices": {}}
}

func (h *history) edit(edit func(parts map[string]json.RawMessage)) {
	parts := map[string]json.RawMessage{}
	if len(h.saved) > 0 {
		require.NoError(h.t, json.Unmarshal(h.saved, &parts))
	}
	edit(parts)
	h.saved, _ = json.Marshal(parts)
}

// A plan is one sync.
type plan struct {
	selected map[string]bool
	absent   map[string]bool // not in the schema
	late     map[string]int  // declared once so many rows have been read
	limit    int             // the number of rows after which the sync is killed, or 0
	failing  string          // the carrier that fails at its end
	reload   string          // the carrier whose position is deleted
	alone    bool            // the platform does not store the parts of tables that are not selected

	everything bool // the platform stores all of it
}

// sync runs one sync.
func (h *history) sync(p plan) {
	h.log = append(h.log, fmt.Sprintf("%+v rows %d follows %v", p, h.rows, h.follows))
	d, err := state.Parse(h.saved)
	require.NoError(h.t, err)
	before := h.saved
	declared := map[string]bool{}
	declare := func(name string) {
		if !declared[name] && !p.absent[name] {
			declared[name] = true
			d.Declare(state.Declaration{Name: name, Selected: p.selected[name], Follows: h.follows[name]})
		}
	}
	lateNow := func(n int) {
		for _, name := range slices.Sorted(maps.Keys(p.late)) {
			if p.late[name] <= n {
				declare(name)
			}
		}
	}
	for _, name := range carriers {
		if _, late := p.late[name]; !late {
			declare(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(h.follows)) {
		if _, late := p.late[name]; !late && declared[h.follows[name]] {
			declare(name)
		}
	}
	d.Begin()
	for _, name := range carriers {
		declare(name)
	}
	read, killed := 0, false
	h.count = 0
	save := func() {
		h.saved = d.Saved()
		if p.alone {
			var old map[string]json.RawMessage
			_ = json.Unmarshal(before, &old)
			h.edit(func(parts map[string]json.RawMessage) {
				for name := range h.want {
					if !p.selected[name] {
						delete(parts, name)
						if old[name] != nil {
							parts[name] = old[name]
						}
					}
				}
			})
		}
	}
	for _, carrier := range carriers {
		needed := p.selected[carrier]
		unit := []string{carrier}
		for _, f := range slices.Sorted(maps.Keys(h.follows)) {
			if h.follows[f] == carrier {
				if n, late := p.late[f]; late && n <= 0 {
					declare(f)
				} else if !late {
					declare(f)
				}
				needed = needed || declared[f] && p.selected[f]
				unit = append(unit, f)
			}
		}
		if !needed {
			continue
		}
		reloaded := p.reload == carrier
		if reloaded {
			h.version++
			for _, key := range []string{"cursor", "c0", "c1", "page", "partitions"} {
				d.Table(carrier).Delete(key)
			}
		}
		wanted := false
		tables := d.TableSet(unit...)
		h.read(d, carrier, h.rows, func(n int64) bool {
			require.NoError(h.t, tables.Checkpoint()) // covers the rows before this one
			if h.random.IntN(3) == 0 {
				save()
				if reloaded && !wanted {
					wanted = true
					h.bump(p, carrier, declared)
				}
			}
			if read++; p.limit > 0 && read > p.limit {
				killed = true
				return false
			}
			h.count = read
			lateNow(read)
			for _, name := range unit {
				if declared[name] && p.selected[name] {
					h.arrived[name][carrier][n] = h.version
				}
			}
			return true
		})
		if killed {
			return
		}
		if p.failing == carrier {
			d.Hold(unit...)
			continue
		}
		require.NoError(h.t, d.Finish(unit...))
		save()
		if reloaded && !wanted {
			h.bump(p, carrier, declared)
		}
	}
	if p.failing == "" {
		require.NoError(h.t, d.Finish())
	}
	save()
}

// bump records that all rows of the tables that a reload concerns have a new version.
func (h *history) bump(p plan, carrier string, declared map[string]bool) {
	if p.selected[carrier] {
		h.want[carrier] = h.version
	}
	for f, of := range h.follows {
		if of == carrier && declared[f] && (p.selected[carrier] || p.selected[f]) {
			h.want[f] = h.version
		}
	}
}

func (h *history) chance(of int) bool { return h.random.IntN(of) == 0 }

func (h *history) step() {
	h.rows += h.random.Int64N(5)
	p := plan{selected: map[string]bool{}, absent: map[string]bool{}, late: map[string]int{}, alone: h.chance(4)}
	for _, name := range slices.Sorted(maps.Keys(h.want)) {
		p.selected[name] = !h.chance(3)
		if h.follows[name] == "" {
			if h.chance(8) {
				p.late[name] = 0
			}
			continue
		}
		p.absent[name] = h.chance(8)
		if h.chance(8) {
			p.late[name] = 0 // before the rows, of which all may have a child
		}
	}
	if h.chance(3) {
		p.limit = 1 + h.random.IntN(12)
	}
	if h.chance(6) {
		p.failing = carriers[h.random.IntN(2)]
	}
	if h.chance(8) {
		p.reload = carriers[h.random.IntN(2)]
	}
	switch h.random.IntN(12) {
	case 0:
		name := slices.Sorted(maps.Keys(h.want))[h.random.IntN(len(h.want))]
		h.clear(name)
		h.edit(func(parts map[string]json.RawMessage) { delete(parts, name) })
		h.log = append(h.log, "reset "+name)
	case 1:
		f := []string{"items", "notes", "tags"}[h.random.IntN(3)]
		if h.follows[f] == "orders" {
			h.follows[f] = "invoices"
		} else {
			h.follows[f] = "orders"
		}
		h.want[f] = 1
	}
	h.sync(p)
}

func (h *history) everything() plan {
	p := plan{selected: map[string]bool{}}
	for name := range h.want {
		p.selected[name] = true
	}
	return p
}

func (h *history) check() {
	for _, name := range slices.Sorted(maps.Keys(h.want)) {
		carrier := name
		if of := h.follows[name]; of != "" {
			carrier = of
		}
		for n := int64(1); n <= h.rows; n++ {
			if h.arrived[name][carrier][n] < h.want[name] {
				for _, line := range h.log {
					h.t.Log(line)
				}
				require.Fail(h.t, "row missing", "%s %d has version %d, want %d; the state is %s", name, n, h.arrived[name][carrier][n], h.want[name], h.saved)
			}
		}
	}
}

func TestNoRowIsLostInRandomHistoriesOfSchemasAndSelections(t *testing.T) {
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			for seed := range histories() {
				h := newHistory(t, seed, read)
				for range 3 + h.random.IntN(20) {
					h.step()
				}
				h.sync(h.everything())
				h.check()
				h.sync(h.everything())
				h.sync(h.everything())
				require.LessOrEqual(t, h.count, 8, "an idle sync resumes at the end")
			}
		})
	}
}
