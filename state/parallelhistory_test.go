package state_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// An arrival is an event that a platform receives for a table, such as a row or a part.
type arrival struct {
	kind arrivalKind
	text string
}

type arrivalKind int

const (
	rowArrives arrivalKind = iota
	truncationArrives
	partArrives
)

// An arrivedTable holds the rows and parts of a table that a platform has stored.
type arrivedTable struct {
	rows  map[string]bool
	parts []string
}

// A parallelHistory is a source whose tables are read at the same time, a connector that
// deletes the rows of tables that it reads from the beginning, and a platform that stores
// the state as a whole or the part of each table separately.
type parallelHistory struct {
	t       *testing.T
	r       *rand.Rand
	seed    uint64
	read    reader
	rows    int64
	follows map[string]string
	tables  map[string]*arrivedTable
	log     []string
	whole   bool
	state   string // whole
	scaled  bool
	version int
	count   int
	edits   bool
}

func (w *parallelHistory) chance(n int) bool { return w.r.IntN(n) == 0 }
func (w *parallelHistory) names() []string   { return slices.Sorted(maps.Keys(w.tables)) }

// A parallelPlan is one sync.
type parallelPlan struct {
	selected, absent, late, later map[string]bool
	limit                         int
	fail                          string
	reload                        string
	all                           bool
}

// savedCursor matches the cursor of a part, which a person may edit.
var savedCursor = regexp.MustCompile(`"cursor":(\d+)\}(,"_version":\d+)?\}$`)

func (w *parallelHistory) reset(name string) {
	w.tables[name] = &arrivedTable{rows: map[string]bool{}}
	if w.whole && w.state != "" {
		var m map[string]json.RawMessage
		_ = json.Unmarshal([]byte(w.state), &m)
		delete(m, name)
		b, _ := json.Marshal(m)
		w.state = string(b)
	}
	w.log = append(w.log, "RESET "+name)
}

func (w *parallelHistory) sync(p parallelPlan) {
	w.log = append(w.log, fmt.Sprintf("SYNC %+v rows %d follows %v version %d", p, w.rows, w.follows, w.version))
	var doc *state.Document
	var err error
	migrations := make([]state.Migration, w.version)
	for i := range migrations {
		migrations[i] = scaledMigration(i)
	}
	if w.whole {
		w.log = append(w.log, "\tfrom "+w.state)
		doc, err = state.Parse([]byte(w.state), migrations...)
	} else {
		var states [][]byte
		for _, n := range w.names() {
			parts := w.tables[n].parts
			if len(parts) == 0 || !p.all && w.chance(12) {
				continue
			}
			i := len(parts) - 1
			if w.chance(3) {
				i = w.r.IntN(len(parts))
			}
			part := parts[i]
			if w.edits && !p.all && w.follows[n] == "" && w.chance(15) {
				part = savedCursor.ReplaceAllStringFunc(part, func(s string) string {
					m := savedCursor.FindStringSubmatch(s)
					v, _ := strconv.ParseInt(m[1], 10, 64)
					return fmt.Sprintf(`"cursor":%d}%s}`, 1+w.r.Int64N(max(v, 1)), m[2])
				})
				parts[i] = part
				w.tables[n].parts = parts[:i+1]
				w.log = append(w.log, "\tEDIT "+n)
			}
			w.log = append(w.log, "\tfrom "+n+" "+part)
			states = append(states, []byte(part))
		}
		var joined []byte
		joined, err = state.Join(states, migrations...)
		require.NoError(w.t, err)
		doc, err = state.Parse(joined, migrations...)
	}
	require.NoError(w.t, err)
	declared := map[string]bool{}
	declare := func(n string) {
		if !declared[n] && !p.absent[n] {
			declared[n] = true
			doc.Declare(state.Declaration{Name: n, Selected: p.selected[n], Follows: w.follows[n]})
		}
	}
	for _, n := range w.names() {
		if w.follows[n] == "" && !p.late[n] {
			declare(n)
		}
	}
	for _, n := range w.names() {
		if of := w.follows[n]; of != "" && !p.late[n] && !p.later[n] && declared[of] {
			declare(n)
		}
	}
	doc.Begin()
	events := map[string][]arrival{}
	wholes := []struct {
		state string
		at    map[string]int
	}{}
	held := map[string]bool{}
	send := func() {
		s := doc.Snapshot()
		if w.whole {
			at := map[string]int{}
			for _, n := range w.names() {
				at[n] = len(events[n])
			}
			wholes = append(wholes, struct {
				state string
				at    map[string]int
			}{string(s.State), at})
			return
		}
		got := map[string]string{}
		for _, part := range s.Parts() {
			got[part.Name] = string(s.Pick(part))
		}
		for _, n := range w.names() {
			events[n] = append(events[n], arrival{partArrives, cmp.Or(got[n], "{}")})
		}
	}
	w.count = 0
	unitOf := func(carrier string) []string {
		u := []string{carrier}
		for _, n := range w.names() {
			if w.follows[n] == carrier {
				u = append(u, n)
			}
		}
		return u
	}
	empty := func(carrier string) bool {
		for _, key := range append(slices.Clone(positionKeys), "_partitions") {
			var v any
			if found, _ := doc.Table(carrier).Get(key, &v); found {
				return false
			}
		}
		return true
	}
	deliver := func(unit []string, ev arrival) {
		for _, n := range unit {
			if declared[n] && p.selected[n] && !held[n] {
				events[n] = append(events[n], ev)
			}
		}
	}
	unitSeq := func(carrier string) iter.Seq[int] {
		return func(yield func(int) bool) {
			declare(carrier)
			unit := unitOf(carrier)
			for _, n := range unit[1:] {
				if !p.later[n] {
					declare(n)
				}
			}
			needed := false
			for _, n := range unit {
				needed = needed || (declared[n] || p.later[n] && !p.absent[n]) && p.selected[n]
			}
			if !needed || !p.selected[carrier] && !slices.ContainsFunc(unit, func(n string) bool { return declared[n] && p.selected[n] }) {
				return
			}
			truncate := func() {
				w.log = append(w.log, "\tTRUNCATE "+carrier)
				for _, n := range unit {
					if declared[n] && p.selected[n] && !held[n] {
						doc.Truncate(n)
					}
				}
				deliver(unit, arrival{kind: truncationArrives})
			}
			was := empty(carrier)
			if p.reload == carrier {
				before := w.chance(2)
				if before {
					truncate()
				}
				for _, key := range positionKeys {
					doc.Table(carrier).Delete(key)
				}
				if !before {
					truncate()
				}
				was = false
			}
			for _, n := range unit[1:] {
				declare(n)
			}
			if was {
				truncate()
			}
			if !yield(0) {
				return
			}
			alive := true
			tables := doc.TableSet(unit...)
			w.read(doc, carrier, w.rows, func(n int64) bool {
				if w.chance(2) {
					require.NoError(w.t, tables.Checkpoint())
				}
				w.count++
				deliver(unit, arrival{rowArrives, fmt.Sprint(carrier, n)})
				if w.chance(60) && !p.all && len(unit) > 1 {
					f := unit[1+w.r.IntN(len(unit)-1)]
					held[f] = true
					doc.Hold(f)
				}
				alive = yield(1)
				return alive
			})
			if !alive {
				return
			}
			if p.fail == carrier {
				doc.Hold(unit...)
				for _, n := range unit {
					held[n] = true
				}
				return
			}
			require.NoError(w.t, doc.Finish(unit...))
		}
	}
	type co struct {
		next func() (int, bool)
		stop func()
	}
	var cos []co
	for _, c := range splitCarriers {
		next, stop := iter.Pull(unitSeq(c))
		cos = append(cos, co{next, stop})
	}
	w.r.Shuffle(len(cos), func(i, j int) { cos[i], cos[j] = cos[j], cos[i] })
	steps, killed := 0, false
	for len(cos) > 0 && !killed {
		i := w.r.IntN(len(cos))
		if w.chance(2) {
			i = 0
		}
		if _, ok := cos[i].next(); !ok {
			cos = slices.Delete(cos, i, i+1)
		}
		if w.chance(3) {
			send()
		}
		steps++
		killed = p.limit > 0 && steps >= p.limit
	}
	for _, c := range cos {
		c.stop()
	}
	if !killed {
		if p.fail == "" {
			require.NoError(w.t, doc.Finish())
		}
		send()
	}
	if w.whole {
		i := w.r.IntN(len(wholes) + 1)
		if p.all {
			i = len(wholes)
		}
		if i == 0 {
			return
		}
		for _, n := range w.names() {
			last := wholes[i-1].at[n]
			for j, e := range events[n][:last+w.r.IntN(len(events[n])-last+1)] {
				if j >= last && e.kind == truncationArrives {
					break
				}
				w.apply(n, e)
			}
		}
		w.state = wholes[i-1].state
		return
	}
	for _, n := range w.names() {
		k := len(events[n])
		if !p.all && w.chance(2) {
			k = w.r.IntN(k + 1)
		}
		for j, e := range events[n][:k] {
			if e.kind == partArrives && (!p.selected[n] && !w.chance(4) || j < k-1 && w.chance(2)) {
				continue
			}
			w.apply(n, e)
		}
		w.log = append(w.log, fmt.Sprintf("\tstored %s %d of %d", n, k, len(events[n])))
	}
}

func (w *parallelHistory) apply(n string, e arrival) {
	t := w.tables[n]
	switch e.kind {
	case rowArrives:
		t.rows[e.text] = true
	case truncationArrives:
		clear(t.rows)
		t.parts = nil
	case partArrives:
		t.parts = append(t.parts, e.text)
	}
}

func (w *parallelHistory) plan() parallelPlan {
	p := parallelPlan{selected: map[string]bool{}, absent: map[string]bool{}, late: map[string]bool{}, later: map[string]bool{}}
	for _, n := range w.names() {
		p.selected[n] = true
	}
	return p
}

func (w *parallelHistory) step() {
	w.rows += w.r.Int64N(5)
	p := w.plan()
	for _, n := range w.names() {
		p.selected[n] = !w.chance(4)
		p.late[n] = w.chance(10)
		p.later[n] = w.follows[n] != "" && w.chance(10)
		p.absent[n] = w.follows[n] != "" && w.chance(10)
	}
	if w.chance(2) {
		p.limit = 1 + w.r.IntN(20)
	}
	if w.chance(8) {
		p.fail = splitCarriers[w.r.IntN(3)]
	}
	if w.chance(8) {
		p.reload = splitCarriers[w.r.IntN(3)]
	}
	switch w.r.IntN(14) {
	case 0, 1:
		w.reset(w.names()[w.r.IntN(len(w.tables))])
	case 2:
		f := []string{"items", "notes", "tags"}[w.r.IntN(3)]
		if w.follows[f] == "orders" {
			w.follows[f] = "invoices"
		} else {
			w.follows[f] = "orders"
		}
	case 3:
		if w.scaled {
			w.version++
		}
	}
	w.sync(p)
}

// moreReaders returns further ways in which a connector can keep its position.
func moreReaders() map[string]reader {
	all := maps.Clone(readers)
	all["lookback"] = func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[int64](st, carrier, state.Sorted(), state.Lookback[int64](2), state.StartAt[int64](1))
		for n := c.Start(); n <= rows && emit(n); n++ {
			c.Advance(n)
		}
	}
	all["exclusive"] = func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[int64](st, carrier, state.Sorted(), state.Exclusive())
		for n := c.Start() + 1; n <= rows && emit(n); n++ {
			c.Advance(n)
		}
	}
	all["upto partitions"] = func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		ps := state.NewPartitions[int64](st, carrier, 2, state.Sorted(), state.UpTo(rows))
		for p := range int64(4) {
			c := ps.Cursor(fmt.Sprint(p))
			for n := max(c.Start(), 1); n <= rows; n++ {
				if n%4 == p {
					if !emit(n) {
						return
					}
					c.Advance(n)
				}
			}
		}
	}
	all["partition deleted"] = func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		ps := state.NewPartitions[int64](st, carrier, 3, state.Sorted())
		for p := range int64(4) {
			if (rows+p)%5 == 0 {
				ps.Delete(fmt.Sprint(p))
			}
			c := ps.Cursor(fmt.Sprint(p))
			for n := max(c.Start(), 1); n <= rows; n++ {
				if n%4 == p {
					if !emit(n) {
						return
					}
					c.Advance(n)
				}
			}
		}
	}
	all["snapshot then cursor"] = func(st state.State, carrier string, rows int64, emit func(int64) bool) {
		c := state.NewCursor[int64](st, carrier, state.Sorted())
		if c.First() {
			ps := state.NewPartitions[int64](st, carrier, 10, state.Sorted())
			for p := range int64(2) {
				pc := ps.Cursor(fmt.Sprint(p))
				for n := max(pc.Start(), 1); n <= rows; n++ {
					if n%2 == p {
						if !emit(n) {
							return
						}
						pc.Advance(n)
					}
				}
			}
			ps.DeleteAll()
			c.Advance(rows)
			return
		}
		for n := c.Start(); n <= rows && emit(n); n++ {
			c.Advance(n)
		}
	}
	return all
}

// versionsReader reads the rows of a carrier from positions that migrations convert.
func (w *parallelHistory) versionsReader(st state.State, carrier string, rows int64, emit func(int64) bool) {
	scale := int64(1)
	if w.version%2 == 1 {
		scale = 10
	}
	c := state.NewCursor[int64](st, carrier, state.Sorted())
	for n := max(1, c.Start()/scale); n <= rows && emit(n); n++ {
		c.Advance(n * scale)
	}
}

// check fails the test if the platform lacks a row.
func (w *parallelHistory) check() {
	for _, name := range w.names() {
		carrier := cmp.Or(w.follows[name], name)
		for n := int64(1); n <= w.rows; n++ {
			if !w.tables[name].rows[fmt.Sprint(carrier, n)] {
				for _, line := range w.log[max(0, len(w.log)-60):] {
					w.t.Log(line)
				}
				require.Fail(w.t, "row missing", "seed %d: %s %d", w.seed, name, n)
			}
		}
	}
}

func TestNoRowIsLostIfTablesAreReadInParallelAndTruncated(t *testing.T) {
	all := moreReaders()
	all["versions"] = nil
	for name, read := range all {
		t.Run(name, func(t *testing.T) {
			for seed := range histories() {
				w := &parallelHistory{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 99)), read: read, rows: 5, whole: seed%4 == 0,
					follows: map[string]string{"items": "orders", "notes": "orders", "tags": "invoices"}, tables: map[string]*arrivedTable{}}
				w.edits, w.scaled = name == "sorted", name == "versions"
				if w.scaled {
					w.read = w.versionsReader
				}
				for _, table := range []string{"orders", "invoices", "customers", "items", "notes", "tags"} {
					w.tables[table] = &arrivedTable{rows: map[string]bool{}}
				}
				for range 3 + w.r.IntN(15) {
					w.step()
				}
				everything := w.plan()
				everything.all = true
				w.sync(everything)
				w.check()
				w.sync(everything)
				w.sync(everything)
				if w.whole {
					require.LessOrEqual(t, w.count, 60, "seed %d: an idle sync resumes at the end", seed)
				}
			}
		})
	}
}
