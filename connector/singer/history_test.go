package singer_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var long = flag.Bool("long", false, "run more random histories")

// A history is a source, a target and Meltano, and what happened to them.
type history struct {
	t      *testing.T
	random *rand.Rand
	source *grown
	target map[string]map[string]int64 // the version of each record, by stream
	saved  string                      // what Meltano keeps
	log    []string
}

// A grown source has one row more of each table for each of its rows. The rows of items
// come with those of orders, carts are read in partitions, and late is only declared
// during the sync. The changes of users and groups are in a log, whose position is in
// the shared part. Groups may also be declared during the sync only.
type grown struct {
	fixture.Wide
	rows    int64
	version int
	logged  bool  // whether users and groups exist
	later   bool  // whether only the sync declares groups
	failsAt int64 // the number of rows after which the sync fails, or 0
	random  *rand.Rand

	delivered int64
}

func newGrown(random *rand.Rand, logged bool) *grown {
	g := &grown{rows: 3, random: random, logged: logged}
	g.Names, g.Follows = []string{"orders", "items", "carts"}, map[string]string{"items": "orders"}
	if logged {
		g.Names = append(g.Names, "users")
		if g.later = random.IntN(2) == 0; !g.later {
			g.Names = append(g.Names, "groups")
		}
	}
	g.OnSync = g.sync
	return g
}

// StateMigrations implements connector.StateMigrator. A version renames the cursor.
func (g *grown) StateMigrations() []state.Migration {
	var all []state.Migration
	for n := range g.version {
		all = append(all, func(parts map[string]json.RawMessage) error {
			for name, part := range parts {
				parts[name] = json.RawMessage(strings.ReplaceAll(string(part), fmt.Sprintf(`"at%d"`, n), fmt.Sprintf(`"at%d"`, n+1)))
			}
			return nil
		})
	}
	return all
}

func (g *grown) sync(ctx context.Context, st state.State, out connector.Emitter) error {
	g.delivered = 0
	var tables connector.Tables
	tables.Parallel = 1
	tables.Add("orders", func(_ context.Context, st state.State, out connector.Emitter) error {
		c := state.NewCursor[int64](st, "orders", state.Sorted(), state.Key(fmt.Sprint("at", g.version)))
		return g.read(c, out, "orders", "items")
	})
	tables.Add("carts", func(_ context.Context, st state.State, out connector.Emitter) error {
		p := state.NewPartitions[int64](st, "carts", 3, state.Sorted())
		if g.random.IntN(4) == 0 {
			p.DeleteAll()
		}
		for _, name := range []string{"eu", "é\x00", "9007199254740993", "zz"}[:2+g.random.IntN(3)] {
			if err := g.read(p.Cursor(name), out, "carts"); err != nil {
				return err
			}
		}
		return nil
	})
	tables.Add("late", func(_ context.Context, st state.State, out connector.Emitter) error {
		if err := declare(out, "late"); err != nil {
			return err
		}
		return g.read(state.NewCursor[int64](st, "late", state.Sorted()), out, "late")
	})
	err := tables.Sync(ctx, st, out)
	if g.logged && err == nil {
		err = g.readLog(st, out)
	}
	return err
}

func declare(out connector.Emitter, table string) error {
	return out.Declare(schema.Table{Name: table, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
}

// read delivers the rows of tables from a cursor on.
func (g *grown) read(c *state.Cursor[int64], out connector.Emitter, tables ...string) error {
	for n := max(1, c.Start()); n <= g.rows; n++ {
		if err := g.deliver(out, n, tables...); err != nil {
			return err
		}
		c.Advance(n)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func (g *grown) deliver(out connector.Emitter, n int64, tables ...string) error {
	if g.delivered++; g.delivered == g.failsAt {
		return errors.New("the source is busy")
	}
	var err error
	for _, table := range tables {
		err = errors.Join(err, out.Upsert(table, id(n)))
	}
	return err
}

// readLog delivers the changes of users and groups.
func (g *grown) readLog(st state.State, out connector.Emitter) error {
	if g.later {
		if err := declare(out, "groups"); err != nil {
			return err
		}
	}
	at := g.rows
	found, err := st.Shared().Get("position", &at)
	if err != nil {
		return err
	}
	if !found {
		if err := st.Shared().Set("position", at); err != nil {
			return err
		}
	}
	for _, table := range st.Missed() {
		for n := int64(1); n <= at; n++ {
			if err := g.deliver(out, n, table); err != nil {
				return err
			}
		}
		st.Cover(table)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	for ; at < g.rows; at++ {
		if err := g.deliver(out, at+1, "users", "groups"); err != nil {
			return err
		}
		if err := errors.Join(st.Shared().Set("position", at+1), out.Checkpoint()); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) chance(of int) bool { return h.random.IntN(of) == 0 }

func (h *history) names() []string {
	names := append(slices.Clone(h.source.Names), "late")
	if h.source.later {
		names = append(names, "groups")
	}
	return names
}

// A turn is one run of Meltano.
type turn struct {
	catalog   string
	selected  []string
	refresh   bool // Meltano hands back no state
	overwrite bool // the target removes the rows of selected streams first
	merge     bool // the new state is merged into the old one
	killed    bool // the target has not stored everything
}

// run runs the tap once. The target stores a part of its messages, and Meltano keeps a
// STATE that the target has returned.
func (h *history) run(p turn) {
	h.log = append(h.log, fmt.Sprintf("%+v rows %d version %d fails at %d\n\t%s", p, h.source.rows, h.source.version, h.source.failsAt, h.saved))
	in := call{catalog: p.catalog, state: h.saved}
	if p.refresh {
		in.state = ""
	}
	messages, err := tap(h.t, h.source, in)
	if h.source.failsAt == 0 {
		require.NoError(h.t, err, "%s", strings.Join(h.log, "\n"))
	}
	stored := len(messages)
	if p.killed && stored > 0 {
		stored = 1 + h.random.IntN(stored)
	}
	if p.overwrite {
		// It removes them when the SCHEMA arrives. Meltano gets a STATE later.
		first := slices.IndexFunc(messages, func(m message) bool { return m.Type == "STATE" })
		if first < 0 {
			return
		}
		stored = max(stored, first+1)
		for _, m := range messages[:first] {
			if m.Type == "SCHEMA" {
				clear(h.target[m.Stream])
			}
		}
	}
	fresh := ""
	for _, m := range messages[:stored] {
		switch m.Type {
		case "RECORD":
			h.store(m)
		case "ACTIVATE_VERSION":
			for key, version := range h.target[m.Stream] {
				if version != m.Version {
					delete(h.target[m.Stream], key)
				}
			}
			require.Len(h.t, h.target[m.Stream], int(h.source.rows), "%s: rows of %s have vanished", strings.Join(h.log, "\n"), m.Stream)
		case "STATE":
			if fresh == "" || !p.killed || !h.chance(4) { // it may also have kept an older one
				fresh = string(m.Value)
			}
		}
	}
	switch {
	case fresh == "":
	case h.saved == "":
		h.saved = laidOnto(h.t, "{}", fresh)
	case p.merge:
		h.saved = laidOnto(h.t, h.saved, fresh)
	default:
		h.saved = laidOnto(h.t, "{}", fresh)
	}
}

func (h *history) store(m message) {
	if h.target[m.Stream] == nil {
		h.target[m.Stream] = map[string]int64{}
	}
	h.target[m.Stream][string(m.Record)] = m.Version
}

// step lets the source and its user do something, and runs the tap.
func (h *history) step() {
	h.source.rows += h.random.Int64N(4)
	if h.chance(6) {
		h.source.version++
	}
	h.source.failsAt = 0
	if h.chance(4) {
		h.source.failsAt = 1 + h.random.Int64N(12)
	}
	p := turn{killed: h.chance(3), refresh: h.chance(8)}
	p.merge = p.refresh || h.chance(4)
	p.overwrite = p.refresh && h.chance(2)
	var streams []string
	for _, name := range h.names() {
		switch {
		case h.chance(4):
		case h.chance(8):
			streams = append(streams, name+"*")
			p.selected = append(p.selected, name)
		default:
			streams = append(streams, name)
			p.selected = append(p.selected, name)
		}
	}
	p.catalog = catalogWith(streams...)
	if h.chance(6) && h.saved != "" { // the user resets a stream
		name := h.names()[h.random.IntN(len(h.names()))]
		if h.chance(2) {
			clear(h.target[name])
		}
		h.saved = without(h.t, h.saved, name)
		h.log = append(h.log, "reset "+name)
	}
	h.run(p)
}

func TestNoRowIsLostInRandomHistories(t *testing.T) {
	t.Parallel()
	seeds := uint64(24)
	if *long {
		seeds = 600
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(seed, 7))
		h := &history{t: t, random: random, source: newGrown(random, seed%2 == 1), target: map[string]map[string]int64{}}
		for range 6 {
			h.step()
		}
		h.source.failsAt = 0
		h.run(turn{catalog: catalogWith(h.names()...)})
		for _, name := range h.names() {
			if len(h.target[name]) != int(h.source.rows) {
				t.Fatalf("seed %d: %d of %d rows of %s\n%s\n%s", seed, len(h.target[name]), h.source.rows, name, strings.Join(h.log, "\n"), h.saved)
			}
		}
	}
}
