package host_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var long = flag.Bool("long", false, "run more random histories")

// A partStore is a platform that stores the rows and the state of each table
// separately. A table may lack the last rows and states of a sync.
type partStore struct {
	t      *testing.T
	random *rand.Rand
	rows   map[string]map[string]bool // by table
	parts  map[string][][]byte        // since the table was reset
	read   int                        // rows of orders in the last sync
}

// A received is a row or a part of a table, or the deletion of its rows.
type received struct {
	row       string
	part      []byte
	truncated bool
}

var errCrash = errors.New("the platform has crashed")

// sync runs a sync. If limit is positive, the platform crashes after limit operations.
// If everything is set, it stores everything that it has received.
func (p *partStore) sync(c connector.Connector, sel host.Selection, limit int, everything bool) {
	p.t.Helper()
	run := host.New(p.t.Context(), c, fixture.Quiet, fixture.Each)
	defer run.Close()
	var states [][]byte
	for _, name := range slices.Sorted(maps.Keys(p.parts)) {
		parts := p.parts[name]
		last := parts[len(parts)-1]
		if !everything && p.random.IntN(4) == 0 {
			last = parts[p.random.IntN(len(parts))]
		}
		states = append(states, last)
	}
	joined, err := run.JoinState(states...)
	require.NoError(p.t, err)
	all := map[string][]received{}
	operations := 0
	p.read = 0
	err = run.Sync(host.SyncRequest{State: joined, Selection: sel}, host.DestinationFunc(func(op *host.Operation) error {
		if operations++; operations == limit {
			return errCrash
		}
		switch op.Kind {
		case host.OpUpsert:
			name := op.Table.String()
			all[name] = append(all[name], received{row: string(op.Row)})
			if op.Table.Name == "orders" || op.Table.Name == "items" && len(all["wide.orders"]) == 0 {
				p.read++
			}
		case host.OpTruncate:
			name := op.Table.String()
			all[name] = append(all[name], received{truncated: true})
		case host.OpCheckpoint:
			for _, part := range op.Parts() {
				if name := fmt.Sprint(part.Table); part.Changed && part.Selected {
					all[name] = append(all[name], received{part: slices.Clone(part.State)})
				}
			}
		}
		return nil
	}))
	if !errors.Is(err, errCrash) {
		require.NoError(p.t, err)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		stored := all[name]
		if !everything && p.random.IntN(3) > 0 {
			stored = stored[:p.random.IntN(len(stored)+1)]
		}
		for _, r := range stored {
			switch {
			case r.truncated:
				delete(p.rows, name)
				delete(p.parts, name)
			case r.part != nil:
				p.parts[name] = append(p.parts[name], r.part)
			default:
				if p.rows[name] == nil {
					p.rows[name] = map[string]bool{}
				}
				p.rows[name][r.row] = true
			}
		}
	}
}

// A shopSource has the tables orders, items and notes, which follow orders, and carts. It
// deletes the rows of the tables that it reads from the beginning, and then sends a
// checkpoint of carts.
type shopSource struct {
	fixture.Wide
	rows   int64
	isLate bool // notes is not in the schema, and is declared during the sync
}

func (c *shopSource) Schema(ctx context.Context) (schema.Schema, error) {
	c.Names, c.Follows = []string{"orders", "items", "notes", "carts"}, map[string]string{"items": "orders", "notes": "orders"}
	if c.isLate {
		c.Names = []string{"orders", "items", "carts"}
	}
	return c.Wide.Schema(ctx)
}

func (c *shopSource) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	return errors.Join(c.read(st, out, "orders", "items", "notes"), c.read(st, out, "carts"))
}

func (c *shopSource) read(st state.State, out connector.Emitter, tables ...string) error {
	others := out.Scope("carts")
	return out.SyncTables(func(out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, tables[0], state.Sorted(), state.StartAt[int64](1))
		if c.isLate && tables[0] == "orders" {
			notes := schema.Table{Name: "notes", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
			if err := out.Declare(notes.Following("orders")); err != nil {
				return err
			}
		}
		if cursor.First() {
			for _, name := range tables {
				if err := out.Truncate(name); err != nil {
					return err
				}
			}
			if err := others.Checkpoint(); err != nil {
				return err
			}
		}
		for n := cursor.Start(); n <= c.rows; n++ {
			for _, name := range tables {
				if err := out.Upsert(name, id(n)); err != nil {
					return err
				}
			}
			cursor.Advance(n)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	}, tables[0])
}

func TestNoRowIsLostIfAPlatformStoresTheStatesOfTablesSeparately(t *testing.T) {
	histories := uint64(40)
	if *long {
		histories = 4000
	}
	for seed := range histories {
		p := &partStore{t: t, random: rand.New(rand.NewPCG(seed, 17)), rows: map[string]map[string]bool{}, parts: map[string][][]byte{}}
		c := &shopSource{rows: 4}
		names := []string{"orders", "items", "notes", "carts"}
		for range 2 + p.random.IntN(8) {
			c.rows += p.random.Int64N(4)
			c.isLate = p.random.IntN(4) == 0
			var selected []string
			for _, name := range names {
				if p.random.IntN(4) > 0 {
					selected = append(selected, name)
				}
			}
			if p.random.IntN(6) == 0 {
				name := "wide." + names[p.random.IntN(len(names))]
				delete(p.parts, name)
				delete(p.rows, name)
			}
			limit := 0
			if p.random.IntN(2) == 0 {
				limit = 1 + p.random.IntN(30)
			}
			p.sync(c, only(selected...), limit, false)
		}
		c.isLate = false
		p.sync(c, host.Selection{}, 0, true)
		for _, name := range names {
			require.Len(t, p.rows["wide."+name], int(c.rows), "seed %d: table %s", seed, name)
		}
		p.sync(c, host.Selection{}, 0, true)
		require.Equal(t, 1, p.read, "seed %d: an idle sync resumes at the end", seed)
	}
}
