package connectortest_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// deliverAll delivers n rows to a table, with a checkpoint after each.
func deliverAll(st state.State, out connector.Emitter, table string, from, n int) error {
	for i := from; i < n; i++ {
		if err := out.Upsert(table, map[string]any{"id": i, "name": fmt.Sprint("row ", i)}); err != nil {
			return err
		}
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

// correct returns correct connectors that do unusual things.
func correct(processEnds <-chan struct{}) map[string]*script {
	var startOnce sync.Once
	return map[string]*script{
		"no rows at all": {sync: func(state.State, connector.Emitter) error { return nil }},
		"a full load that truncates first": {sync: func(st state.State, out connector.Emitter) error {
			for _, table := range []string{"keyed", "events"} {
				if err := out.Truncate(table); err != nil {
					return err
				}
				if err := deliverAll(st, out, table, 0, 10); err != nil {
					return err
				}
			}
			return nil
		}},
		"a table without a key that each sync reads from the start": {sync: func(st state.State, out connector.Emitter) error {
			return deliverAll(st, out, "events", 0, 10)
		}},
		"rows of one table from several goroutines": {sync: func(_ state.State, out connector.Emitter) error {
			var wait sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wait.Go(func() {
					for n := range 5 {
						if errs[i] = out.Upsert("keyed", map[string]any{"id": i*5 + n}); errs[i] != nil {
							return
						}
					}
				})
			}
			wait.Wait()
			for _, err := range errs {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		"a window that ends now": {sync: func(st state.State, out connector.Emitter) error {
			now := time.Now().UTC()
			cursor := state.NewCursor[time.Time](st, "keyed", state.UpTo(now))
			for n := range 10 {
				at := now.Add(time.Duration(n-5) * time.Hour).Truncate(24 * time.Hour)
				if at.Before(cursor.Start().Truncate(24 * time.Hour)) {
					continue
				}
				if err := out.Upsert("keyed", map[string]any{"id": n}); err != nil {
					return err
				}
				cursor.Advance(now)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}},
		"more partitions than the limit": {sync: func(st state.State, out connector.Emitter) error {
			partitions := state.NewPartitions[int64](st, "keyed", 3, state.UpTo(int64(100)), state.Sorted())
			for p := range 6 {
				cursor := partitions.Cursor(fmt.Sprint("p", p))
				for n := max(cursor.Start(), 0); n < 5; n++ {
					if err := out.Upsert("keyed", map[string]any{"id": p*10 + int(n)}); err != nil {
						return err
					}
					cursor.Advance(n)
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
			}
			return nil
		}},
		"a source that excludes rows with the cursor's value": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "keyed", state.Sorted(), state.Exclusive(), state.StartAt(int64(-1)))
			for n := range int64(20) {
				if n/3 <= cursor.Start() {
					continue
				}
				if err := out.Upsert("keyed", map[string]any{"id": n}); err != nil {
					return err
				}
				cursor.Advance(n / 3)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}},
		"a feed of changes by token": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[state.Token](st, "keyed")
			var done int
			if !cursor.First() {
				_, _ = fmt.Sscan(string(cursor.Start()), &done)
			}
			for n := done; n < 10; n++ {
				row := map[string]any{"id": n}
				change := out.Upsert
				switch n % 5 {
				case 3:
					row = map[string]any{"id": n - 3, "name": "changed"}
					change = out.Update
				case 4:
					row = map[string]any{"id": n - 3}
					change = out.Delete
				}
				if err := change("keyed", row); err != nil {
					return err
				}
				cursor.Advance(state.Token(fmt.Sprint(n + 1)))
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}},
		"tables that are declared during the sync": {sync: func(st state.State, out connector.Emitter) error {
			for n := range 3 {
				found := keyed
				found.Name = fmt.Sprint("found", n)
				if err := out.Declare(found); err != nil {
					return err
				}
				if err := deliverAll(st, out, found.Name, 0, 3); err != nil {
					return err
				}
			}
			return nil
		}},
		"columns that are not declared": {sync: func(_ state.State, out connector.Emitter) error {
			return out.Upsert("keyed", raw(`{"id":1,"extra":{"b":1,"a":[1.50,null]},"name":null}`))
		}},
		"a goroutine for the whole process": {sync: func(st state.State, out connector.Emitter) error {
			startOnce.Do(func() { go func() { <-processEnds }() })
			return deliverAll(st, out, "keyed", 0, 10)
		}},
		"no explicit checkpoints": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "keyed")
			for n := cursor.Start(); n < 10; n++ {
				if err := out.Upsert("keyed", map[string]any{"id": n}); err != nil {
					return err
				}
				cursor.Advance(n)
			}
			return nil
		}},
	}
}

func TestACorrectConnectorNeverFails(t *testing.T) {
	processEnds := make(chan struct{})
	t.Cleanup(func() { close(processEnds) })
	for name, c := range correct(processEnds) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.tables = []schema.Table{keyed, events}
			for subtest, r := range connectortest.Record(t, c) {
				assert.False(t, r.Failed(), "%s: %v", subtest, r)
			}
			if name == "a goroutine for the whole process" {
				return // it waits for a channel made outside virtual time
			}
			for subtest, r := range connectortest.Record(t, c, connectortest.Source(http.NotFoundHandler)) {
				assert.False(t, r.Failed(), "%s in virtual time: %v", subtest, r)
			}
		})
	}
}

// twin is a connector with two schemas that contain a table of the same name.
type twin struct{}

func (*twin) Schema(context.Context) (schema.Schema, error) {
	north, err := schema.New("north", keyed)
	if err != nil {
		return nil, err
	}
	south, err := schema.New("south", keyed)
	if err != nil {
		return nil, err
	}
	return schema.Join(north, south)
}

func (*twin) Test(context.Context) error { return nil }

func (*twin) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	if err := deliverAll(st, out, "north.keyed", 0, 5); err != nil {
		return err
	}
	return deliverAll(st, out, "south.keyed", 2, 7)
}

func TestTablesOfTwoSchemasMayHaveTheSameName(t *testing.T) {
	connectortest.Run(t, &twin{})
	var d connectortest.Platform
	connectortest.Sync(t, &twin{}, connectortest.Into(&d))
	assert.Len(t, d.Rows("north.keyed"), 5)
	assert.Len(t, d.Rows("keyed"), 10)
}
