package state_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

// A splitHistory is a source, a platform that stores the part of each table separately,
// and what happened to them. For each table, the platform hands back the part of some
// checkpoint whose earlier rows it has stored, or none.
type splitHistory struct {
	t        *testing.T
	seed     uint64
	random   *rand.Rand
	read     reader
	rows     int64
	version  int // of the rows
	follows  map[string]string
	tables   map[string]*storedTable
	migrated int // the number of migrations
	log      []string

	isLatest   bool // the platform hands back the last part of each selected table
	isOrdinary bool // all tables are selected, and syncs are only interrupted

	count     int // rows of the last sync
	needless  int // syncs of a table that start at the beginning although all parts are known
	syncs     int
	crossings int // syncs that start from parts of different checkpoints
}

// A storedTable holds the rows and parts of a table that the platform has stored.
type storedTable struct {
	rows  map[string]map[int64]int // the version of each row, by carrier
	parts []storedPart             // since the table was reset
	want  int                      // the version that each row must have
}

type storedPart struct {
	state      string
	sync, step int
}

// A deliveredRow is a row of a table in a sync.
type deliveredRow struct {
	carrier string
	n       int64
	version int
}

// A sentCheckpoint is a checkpoint of a sync: the parts by table, and the number of rows
// of each table before it.
type sentCheckpoint struct {
	parts map[string]string
	rows  map[string]int
}

func newSplitHistory(t *testing.T, seed uint64, read reader) *splitHistory {
	t.Helper()
	h := &splitHistory{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 11)), read: read, rows: 6, version: 1,
		follows: map[string]string{"items": "orders", "notes": "orders", "tags": "invoices"}, tables: map[string]*storedTable{},
	}
	h.isOrdinary = seed%3 == 0
	h.isLatest = h.isOrdinary || h.chance(2)
	for _, name := range []string{"orders", "invoices", "items", "notes", "tags", "customers"} {
		h.tables[name] = &storedTable{want: 1}
		h.reset(name)
	}
	return h
}

func (h *splitHistory) chance(of int) bool { return h.random.IntN(of) == 0 }

func (h *splitHistory) names() []string { return slices.Sorted(maps.Keys(h.tables)) }

func (h *splitHistory) reset(name string) {
	h.tables[name].parts, h.tables[name].rows = nil, map[string]map[int64]int{}
}

// splitCarriers are the tables with a position of their own.
var splitCarriers = []string{"orders", "invoices", "customers"}

// positionKeys are the keys of the positions of all readers.
var positionKeys = []string{"cursor", "c0", "c1", "page", "partitions"}

func (h *splitHistory) unit(carrier string) []string {
	unit := []string{carrier}
	for _, name := range h.names() {
		if h.follows[name] == carrier {
			unit = append(unit, name)
		}
	}
	return unit
}

// handBack returns the parts that the platform hands back before a sync.
func (h *splitHistory) handBack(selected map[string]bool) (states [][]byte, handed map[string]storedPart) {
	handed = map[string]storedPart{}
	for _, name := range h.names() {
		parts := h.tables[name].parts
		if len(parts) == 0 || !selected[name] && h.chance(3) {
			continue
		}
		p := parts[len(parts)-1]
		if !h.isLatest && h.chance(3) {
			p = parts[h.random.IntN(len(parts))]
			if h.chance(6) {
				continue
			}
		}
		handed[name] = p
		states = append(states, []byte(p.state))
	}
	h.random.Shuffle(len(states), func(i, j int) { states[i], states[j] = states[j], states[i] })
	return states, handed
}

// scaledMigration converts the positions of a version. In odd versions, they have ten
// times the value of a row.
func scaledMigration(version int) state.Migration {
	return func(old map[string]json.RawMessage) error {
		for _, carrier := range splitCarriers {
			var part map[string]json.RawMessage
			if old[carrier] == nil {
				continue
			}
			if err := json.Unmarshal(old[carrier], &part); err != nil {
				return err
			}
			var n int64
			if part["cursor"] == nil {
				continue
			}
			if err := json.Unmarshal(part["cursor"], &n); err != nil {
				return err
			}
			if version%2 == 0 {
				n *= 10
			} else {
				n /= 10
			}
			part["cursor"] = json.RawMessage(fmt.Sprint(n))
			old[carrier], _ = json.Marshal(part)
		}
		return nil
	}
}

// readScaled is a reader for states that were migrated by scaledMigration.
func (h *splitHistory) readScaled(st state.State, carrier string, rows int64, emit func(int64) bool) {
	scale := int64(1)
	if h.migrated%2 == 1 {
		scale = 10
	}
	c := state.NewCursor[int64](st, carrier, state.Sorted())
	for n := max(1, c.Start()/scale); n <= rows && emit(n); n++ {
		c.Advance(n * scale)
	}
}

func (h *splitHistory) migrations() []state.Migration {
	all := make([]state.Migration, h.migrated)
	for i := range all {
		all[i] = scaledMigration(i)
	}
	return all
}

// sync runs one sync. The platform then stores rows and parts of it.
func (h *splitHistory) sync(p plan) {
	h.syncs++
	states, handed := h.handBack(p.selected)
	h.log = append(h.log, fmt.Sprintf("sync %d: %+v rows %d follows %v", h.syncs, p, h.rows, h.follows))
	for _, name := range slices.Sorted(maps.Keys(handed)) {
		h.log = append(h.log, fmt.Sprintf("\t%d.%d %s", handed[name].sync, handed[name].step, handed[name].state))
	}
	joined, err := state.Join(states, h.migrations()...)
	require.NoError(h.t, err)
	d, err := state.Parse(joined, h.migrations()...)
	require.NoError(h.t, err)
	s := &splitSync{splitHistory: h, plan: p, doc: d, declared: map[string]bool{}, held: map[string]bool{}, rows: map[string][]deliveredRow{}, reloadedAt: -1}
	s.run(handed)
	h.store(s)
}

// store makes the platform store a part of what a sync has sent, for each table.
func (h *splitHistory) store(s *splitSync) {
	together := h.random.IntN(len(s.sent) + 1)
	for _, name := range h.names() {
		t := h.tables[name]
		upTo := together
		switch {
		case s.plan.everything:
			upTo = len(s.sent)
		case h.chance(2):
			upTo = h.random.IntN(len(s.sent) + 1)
		case h.chance(3):
			upTo = len(s.sent)
		}
		if upTo == 0 {
			continue
		}
		c := s.sent[upTo-1]
		for _, r := range s.rows[name][:c.rows[name]] {
			if t.rows[r.carrier] == nil {
				t.rows[r.carrier] = map[int64]int{}
			}
			t.rows[r.carrier][r.n] = max(t.rows[r.carrier][r.n], r.version)
		}
		h.log = append(h.log, fmt.Sprintf("\tstored %s up to %d of %d", name, upTo, len(s.sent)))
		if !s.plan.selected[name] && !h.chance(4) {
			continue // it keeps its previous part
		}
		for i, c := range s.sent[:upTo] {
			if i == upTo-1 || h.chance(3) {
				t.parts = append(t.parts, storedPart{cmp.Or(c.parts[name], "{}"), h.syncs, i + 1})
			}
		}
		if s.reloadedAt >= 0 && upTo > s.reloadedAt && s.plan.selected[name] && h.isLatest {
			s.bump(name)
		}
	}
}

// A splitSync is one sync of a splitHistory.
type splitSync struct {
	*splitHistory
	plan     plan
	doc      *state.Document
	declared map[string]bool
	held     map[string]bool
	rows     map[string][]deliveredRow
	sent     []sentCheckpoint
	read     int
	killed   bool

	reloadedAt int // the number of checkpoints before the reload, or -1
}

func (s *splitSync) declare(name string) {
	if !s.declared[name] && !s.plan.absent[name] {
		s.declared[name] = true
		s.doc.Declare(state.Declaration{Name: name, Selected: s.plan.selected[name], Follows: s.follows[name]})
	}
}

func (s *splitSync) isLate(name string) bool {
	_, late := s.plan.late[name]
	return late
}

// send delivers the saved state.
func (s *splitSync) send() {
	c := sentCheckpoint{map[string]string{}, map[string]int{}}
	snapshot := s.doc.Snapshot()
	for _, p := range snapshot.Parts() {
		c.parts[p.Name] = string(snapshot.Pick(p))
	}
	for name, rows := range s.rows {
		c.rows[name] = len(rows)
	}
	s.sent = append(s.sent, c)
}

func (s *splitSync) run(handed map[string]storedPart) {
	for _, name := range splitCarriers {
		if !s.isLate(name) {
			s.declare(name)
		}
	}
	for _, name := range s.names() {
		if s.follows[name] != "" && !s.isLate(name) && s.declared[s.follows[name]] {
			s.declare(name)
		}
	}
	s.doc.Begin()
	for _, name := range splitCarriers {
		s.declare(name)
	}
	s.count = 0
	for _, carrier := range splitCarriers {
		s.readUnit(carrier, handed)
		if s.killed {
			return
		}
	}
	if s.plan.failing == "" {
		require.NoError(s.t, s.doc.Finish())
	}
	s.send()
}

// readUnit reads a carrier and its followers.
func (s *splitSync) readUnit(carrier string, handed map[string]storedPart) {
	unit := s.unit(carrier)
	needed, known, steps := false, true, map[string]bool{}
	for _, name := range unit {
		s.declare(name)
		if s.declared[name] && s.plan.selected[name] {
			needed = true
			p, ok := handed[name]
			known = known && ok && !s.isLate(name) && strings.Contains(p.state, `"hashes"`) && (name == carrier || strings.Contains(p.state, `"of":"`+carrier))
			steps[fmt.Sprint(p.sync, " ", p.step)] = true
		}
	}
	if !needed {
		return
	}
	if known && len(steps) > 1 {
		s.crossings++
	}
	if s.plan.reload == carrier {
		s.version++
		s.reloadedAt = len(s.sent)
		for _, key := range positionKeys {
			s.doc.Table(carrier).Delete(key)
		}
	}
	if known && len(steps) > 1 && s.startsAtBeginning(carrier) && s.plan.reload != carrier {
		s.needless++
	}
	tables := s.doc.TableSet(unit...)
	s.splitHistory.read(s.doc, carrier, s.splitHistory.rows, func(n int64) bool {
		require.NoError(s.t, tables.Checkpoint()) // covers the rows before this one
		if s.chance(3) {
			s.send()
		}
		if s.read++; s.plan.limit > 0 && s.read > s.plan.limit {
			s.killed = true
			return false
		}
		s.count++
		if f := unit[len(unit)-1]; f != carrier && !s.isOrdinary && !s.plan.everything && s.chance(60) {
			s.held[f] = true
			s.doc.Hold(f)
		}
		for _, name := range unit {
			if s.declared[name] && s.plan.selected[name] && !s.held[name] {
				s.rows[name] = append(s.rows[name], deliveredRow{carrier, n, s.version})
			}
		}
		return true
	})
	switch {
	case s.killed:
		return
	case s.plan.failing == carrier:
		s.doc.Hold(unit...)
		return
	}
	require.NoError(s.t, s.doc.Finish(unit...))
	s.send()
}

// startsAtBeginning reports whether the sync reads a table from the beginning.
func (s *splitSync) startsAtBeginning(carrier string) bool {
	for _, key := range append(positionKeys, "_partitions") {
		var v any
		if found, _ := s.doc.Table(carrier).Get(key, &v); found {
			return false
		}
	}
	return true
}

// bump records that all rows of the tables that a reload concerns have a new version. The
// platform has stored a part of the table that says that the connector has begun it.
func (s *splitSync) bump(table string) {
	for _, name := range s.unit(s.plan.reload) {
		if s.declared[name] && (table == s.plan.reload || table == name) {
			s.tables[name].want = s.version
		}
	}
}

func (h *splitHistory) step() {
	h.rows += h.random.Int64N(5)
	p := h.everything()
	p.everything = false
	if h.chance(3) {
		p.limit = 1 + h.random.IntN(12)
	}
	if h.isOrdinary {
		h.sync(p)
		return
	}
	for _, name := range h.names() {
		p.selected[name] = !h.chance(4)
		if h.chance(10) {
			p.late[name] = 0
		}
		p.absent[name] = h.follows[name] != "" && h.chance(10)
	}
	if h.chance(8) {
		p.failing = splitCarriers[h.random.IntN(len(splitCarriers))]
	}
	if h.chance(10) {
		p.reload = splitCarriers[h.random.IntN(len(splitCarriers))]
	}
	switch h.random.IntN(14) {
	case 0:
		name := h.names()[h.random.IntN(len(h.tables))]
		h.reset(name)
		h.log = append(h.log, "reset "+name)
	case 1:
		f := []string{"items", "notes", "tags"}[h.random.IntN(3)]
		if h.follows[f] == "orders" {
			h.follows[f] = "invoices"
		} else {
			h.follows[f] = "orders"
		}
		h.tables[f].want = 1
	}
	h.sync(p)
}

func (h *splitHistory) everything() plan {
	p := plan{selected: map[string]bool{}, absent: map[string]bool{}, late: map[string]int{}, everything: true}
	for name := range h.tables {
		p.selected[name] = true
	}
	return p
}

func (h *splitHistory) check() bool {
	for _, name := range h.names() {
		carrier := name
		if of := h.follows[name]; of != "" {
			carrier = of
		}
		t := h.tables[name]
		for n := int64(1); n <= h.rows; n++ {
			if t.rows[carrier][n] < t.want {
				for _, line := range h.log {
					h.t.Log(line)
				}
				h.t.Errorf("seed %d: %s %d has version %d, want %d", h.seed, name, n, t.rows[carrier][n], t.want)
				return false
			}
		}
	}
	return true
}

func TestNoRowIsLostHoweverAPlatformStoresTheParts(t *testing.T) {
	all := maps.Clone(readers)
	all["versions"] = nil
	for name, read := range all {
		t.Run(name, func(t *testing.T) {
			needless, crossings := 0, 0
			for seed := range histories() {
				h := newSplitHistory(t, seed, read)
				if read == nil {
					h.read = h.readScaled
				}
				for range 3 + h.random.IntN(20) {
					h.step()
					if read == nil && h.chance(5) {
						h.migrated++
					}
				}
				h.sync(h.everything())
				if !h.check() {
					return
				}
				if h.isOrdinary {
					needless, crossings = needless+h.needless, crossings+h.crossings
				}
				h.isLatest = true
				h.sync(h.everything())
				h.sync(h.everything())
				require.LessOrEqual(t, h.count, 12, "seed %d: an idle sync resumes at the end", seed)
			}
			if read != nil { // a migration may make it necessary
				require.LessOrEqual(t, needless, crossings/20, "a table is rarely read from the beginning")
			}
		})
	}
}
