package state_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/state"
)

// A program is a random sequence of changes of a state, as bytes. The same bytes always
// make the same changes.
type program struct {
	code []byte
	doc  *state.Document
	sync int                        // the number of syncs before this one
	log  []string                   // what the program has read
	sets map[string]*state.TableSet // by the names of the tables; nil if checkpoints name them

	// What the current sync began with.
	saved []byte
	rest  []byte
	began int64 // the clock

	clock int64
}

// start begins a sync from a saved state.
func (p *program) start(saved []byte) error {
	// Each sync has a connector with one more migration.
	migrations := slices.Repeat([]state.Migration{func(old map[string]json.RawMessage) error {
		for name, raw := range old {
			var part map[string]json.RawMessage
			if err := json.Unmarshal(raw, &part); err != nil {
				return err
			}
			delete(part, "b")
			part["migrated"] = json.RawMessage(`[ {"x" : 1.50} ]`)
			if name != state.SharedName {
				old[name], _ = json.Marshal(part)
			}
		}
		return nil
	}}, p.sync)
	doc, err := state.Parse(saved, migrations...)
	if err != nil {
		return err
	}
	p.sync++
	clear(p.sets)
	p.doc, p.log, p.saved, p.rest, p.began = doc, nil, saved, p.code, p.clock
	for _, declared := range []state.Declaration{
		{Name: "orders", Selected: true, Columns: []string{"id"}},
		{Name: "items", Selected: p.sync%3 != 0, Follows: "orders"},
		{Name: "é\"t", Selected: true},
	} {
		doc.Declare(declared)
	}
	doc.Begin()
	return nil
}

// next returns the next byte of the program below n.
func (p *program) next(n int) int {
	if len(p.code) == 0 {
		return 0
	}
	b := p.code[0]
	p.code = p.code[1:]
	return int(b) % n
}

func (p *program) table() string {
	return []string{"orders", "é\"t", "items", "late", "orders"}[p.next(5)]
}

// key returns a key that comes before, between or after those of cursors and partitions.
func (p *program) key() string { return []string{"a", "b", "d", "m", "q", "z\n", ""}[p.next(7)] }

// anyKey returns a key, possibly that of a cursor or of partitions.
func (p *program) anyKey() string {
	if p.next(4) > 0 {
		return p.key()
	}
	return []string{"cursor", "e", "pairs", "partitions", "ranges"}[p.next(5)]
}

// value returns a value that is rarely less than an earlier one: most programs keep the
// order.
func (p *program) value() int64 {
	if p.clock++; p.next(40) == 39 {
		return p.clock - 3
	}
	return p.clock
}

func (p *program) partition() string { return fmt.Sprintf("%d<\xc3\xa9>", p.next(256)) }

// step makes the next change.
func (p *program) step() error {
	d := p.doc
	switch p.next(20) {
	case 0:
		all := state.NewPartitions[int64](d, p.table(), []int{20, 1000}[p.next(2)], state.Sorted())
		all.Cursor(p.partition()).Advance(p.value())
	case 1: // more than a block of partitions
		all := state.NewPartitions[int64](d, p.table(), 1000, state.Sorted())
		from, by, value := p.next(256), 1+p.next(9), p.value()
		for i := range 100 {
			all.Cursor(fmt.Sprint((i * by % 100) + from)).Advance(value)
		}
	case 2:
		all := state.NewPartitions[time.Time](d, p.table(), p.next(90), state.Key("ranges"), state.UpTo(time.Unix(1_700_000_000, 0)))
		for range p.next(20) {
			all.Cursor(p.partition()).Advance(time.Unix(int64(p.next(200))*1e7, int64(p.next(3))).UTC())
		}
	case 3:
		all := state.NewPartitions[state.Pair[string, string]](d, p.table(), p.next(9), state.Key("pairs"), state.Exclusive())
		all.Cursor(p.partition()).Advance(state.PairOf(strings.Repeat("a", p.next(3)), strings.Repeat("a", p.next(3))))
		p.log = append(p.log, fmt.Sprint(all.Cursor(p.partition()).Start(), slices.Collect(all.Names())))
	case 4:
		all := state.NewPartitions[int64](d, p.table(), 250, state.Sorted())
		all.Delete(p.partition())
	case 5:
		all := state.NewPartitions[int64](d, p.table(), 250, state.Sorted())
		n, again := 1+p.next(256), p.next(2) == 0
		for i := range n {
			all.Delete(fmt.Sprint(i))
			if again {
				all.Cursor(fmt.Sprint(i)) // which has no value
			}
		}
	case 6:
		state.NewPartitions[int64](d, p.table(), 250).DeleteAll()
	case 7:
		key := p.key()
		if p.next(32) == 31 {
			key = p.anyKey()
		}
		p.result(d.Table(p.table()).Set(key, []any{p.next(3), nil, "\x00é"}[p.next(3)]))
	case 8:
		d.Table(p.table()).Delete(p.anyKey())
	case 9:
		c := state.NewCursor[state.Pair[int64, string]](d, p.table(), state.Sorted())
		c.Advance(state.PairOf(p.value(), strings.Repeat("ü", p.next(3))))
		p.log = append(p.log, fmt.Sprint(c.Start(), c.First(), c.End()))
	case 10:
		state.NewCursor[string](d, p.table(), state.Key("e")).Advance(p.partition())
	case 11:
		p.result(d.Checkpoint())
	case 12:
		p.result(p.checkpoint(tableGroups[p.next(len(tableGroups))]))
	case 13:
		p.result(d.Finish(p.table()))
	case 14:
		p.result(d.Finish())
	case 15:
		d.Truncate(p.table())
	case 16:
		p.result(d.Shared().Set(p.key(), p.next(3)))
	case 17:
		for i, name := range d.Missed() {
			if i != p.next(4) {
				d.Cover(name)
			}
		}
	case 18:
		switch p.next(4) {
		case 0:
			d.Hold(p.table())
		case 1:
			d.Declare(state.Declaration{Name: "late", Follows: []string{"", "orders"}[p.next(2)], Selected: p.next(3) > 0})
		case 2: // the platform stores the state as a whole
			return p.start(d.Saved())
		case 3: // it stores each part separately, in the order in which it likes to
			s := d.Snapshot()
			var parts [][]byte
			for _, part := range s.Parts() {
				parts = append(parts, s.Pick(part))
			}
			joined, err := state.Join(parts, make([]state.Migration, p.sync)...)
			if err != nil {
				return err
			}
			return p.start(joined)
		}
	case 19:
		v := []json.RawMessage{}
		found, err := d.Table(p.table()).Get(p.key(), &v)
		p.result(err)
		p.log = append(p.log, fmt.Sprint(found), fmt.Sprint(d.Table(p.table()).NewColumns()))
	}
	return nil
}

// tableGroups are the tables of a checkpoint. A table stands before its followers.
var tableGroups = [][]string{
	{"orders"}, {"orders", "items"}, {"late", "items", "é\"t"}, {"orders", "items", "late", "unused", "é\"t"}, {"é\"t", "é\"t"},
}

// checkpoint saves the state of the named tables. If the program uses sets, each sync makes
// one for all checkpoints with these names.
func (p *program) checkpoint(tables []string) error {
	if p.sets == nil {
		return p.doc.Checkpoint(tables...)
	}
	key := fmt.Sprint(tables)
	if p.sets[key] == nil {
		p.sets[key] = p.doc.TableSet(tables...)
	}
	return p.sets[key].Checkpoint()
}

func (p *program) result(err error) { p.log = append(p.log, fmt.Sprint(err)) }

// outcome returns everything that a runtime can learn about the document except the saved
// state, which it may leave unencoded.
func (p *program) outcome() string {
	current, err := p.doc.MarshalJSON()
	return fmt.Sprint(string(current), err, p.log, p.doc.Err(), p.doc.Unsaved(), p.doc.UsesShared())
}
