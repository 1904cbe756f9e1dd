package connectortest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
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
					if out.TakesUpdates() { // otherwise the same row is a whole one
						change = out.Update
					}
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

// A change is an entry of a change log.
type change struct {
	at      int64 // several changes have the same
	id      int
	deleted bool
}

func (c change) deliver(out connector.Emitter, table string) error {
	if c.deleted {
		return out.Delete(table, map[string]any{"id": c.id})
	}
	return out.Upsert(table, map[string]any{"id": c.id, "name": fmt.Sprint("row ", c.id)})
}

// changes returns a change log. Some rows are deleted right after they were created,
// some later, some are created again, and some were created before the log begins.
func changes() (all []change) {
	for n := range 40 {
		at := int64(n / 2)
		switch n % 8 {
		case 0, 1, 2:
			all = append(all, change{at, n, false})
		case 3:
			all = append(all, change{at, n - 1, true})
		case 4:
			all = append(all, change{at, n - 4, true})
		case 5:
			all = append(all, change{at, 1000 + n, true})
		case 6:
			all = append(all, change{at, n - 6, false})
		case 7:
			all = append(all, change{at, n - 14, true})
		}
	}
	return all
}

// tombstones returns a source that serves only the current rows and the deletes.
func tombstones() (all []change) {
	for _, c := range changes() {
		if c.deleted == (c.id >= 1000) {
			all = append(all, c)
		}
	}
	return all
}

// since delivers the changes from the cursor on, with a checkpoint after each.
func since(cursor *state.Cursor[int64], out connector.Emitter, from []change, skip func(change) bool) error {
	for _, c := range from {
		if c.at < cursor.Start() {
			continue
		}
		if !skip(c) {
			if err := c.deliver(out, "keyed"); err != nil {
				return err
			}
		}
		cursor.Advance(c.at)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func skipNone(change) bool { return false }

// correctDeletes returns correct connectors that deliver deletes.
func correctDeletes() map[string]*script {
	return map[string]*script{
		"a change log": {sync: func(st state.State, out connector.Emitter) error {
			return since(state.NewCursor[int64](st, "keyed", state.Sorted()), out, changes(), skipNone)
		}},
		"a change log that is not sorted": {sync: func(st state.State, out connector.Emitter) error {
			return since(state.NewCursor[int64](st, "keyed"), out, changes(), skipNone)
		}},
		"the last change of each row in a page": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "keyed", state.Sorted())
			log := slices.DeleteFunc(changes(), func(c change) bool { return c.at < cursor.Start() })
			for page := range slices.Chunk(log, 7) {
				last := map[int]change{}
				for _, c := range page {
					last[c.id] = c
				}
				for _, c := range page {
					if last[c.id] != c {
						continue
					}
					if err := c.deliver(out, "keyed"); err != nil {
						return err
					}
				}
				cursor.Advance(page[len(page)-1].at)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		}},
		"deletes in all syncs but the first": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "keyed", state.Sorted())
			return since(cursor, out, tombstones(), func(c change) bool { return c.deleted && cursor.First() })
		}},
		"all deletes before the first row": {sync: func(st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "keyed", state.Sorted())
			for _, c := range tombstones() {
				if c.deleted && c.at >= cursor.Start() {
					if err := c.deliver(out, "keyed"); err != nil {
						return err
					}
				}
			}
			return since(cursor, out, tombstones(), func(c change) bool { return c.deleted })
		}},
		"a full load of a change log": {sync: func(_ state.State, out connector.Emitter) error {
			if err := out.Truncate("keyed"); err != nil {
				return err
			}
			for _, c := range changes() {
				if err := errors.Join(c.deliver(out, "keyed"), out.Checkpoint()); err != nil {
					return err
				}
			}
			return nil
		}},
		"a full load that resumes without another truncate": {sync: func(st state.State, out connector.Emitter) error {
			var done int
			if _, err := st.Table("keyed").Get("done", &done); err != nil {
				return err
			}
			if done == 0 {
				if err := out.Truncate("keyed"); err != nil {
					return err
				}
			}
			for _, c := range changes()[done:] {
				done++
				if err := errors.Join(c.deliver(out, "keyed"), st.Table("keyed").Set("done", done), out.Checkpoint()); err != nil {
					return err
				}
			}
			return nil
		}},
		"deletes in more partitions than the limit": {sync: func(st state.State, out connector.Emitter) error {
			partitions := state.NewPartitions[int64](st, "keyed", 3, state.UpTo(int64(100)), state.Sorted())
			for p := range 6 {
				from := changes()
				for i := range from {
					from[i].id += p * 10_000
				}
				if err := since(partitions.Cursor(fmt.Sprint("p", p)), out, from, skipNone); err != nil {
					return err
				}
			}
			return nil
		}},
		"deletes beside a table without a key": {sync: func(st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("events", func(_ context.Context, st state.State, out connector.Emitter) error {
				return errors.Join(out.Truncate("events"), deliverAll(st, out, "events", 0, 10))
			})
			tables.Add("keyed", func(_ context.Context, st state.State, out connector.Emitter) error {
				return since(state.NewCursor[int64](st, "keyed", state.Sorted()), out, changes(), skipNone)
			})
			return tables.Sync(context.Background(), st, out)
		}},
	}
}

func TestACorrectConnectorNeverFails(t *testing.T) {
	t.Parallel()
	processEnds := make(chan struct{})
	t.Cleanup(func() { close(processEnds) })
	all := correct(processEnds)
	maps.Copy(all, correctDeletes())
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.tables = []schema.Table{keyed, events}
			for subtest, r := range connectortest.Record(t, c, restarts(4)) {
				assert.False(t, r.Failed(), "%s: %v", subtest, r)
			}
			if name == "a goroutine for the whole process" {
				return // it waits for a channel made outside virtual time
			}
			passes(t, c, connectortest.Source(http.NotFoundHandler), restarts(4))
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
	t.Parallel()
	connectortest.Run(t, &twin{})
	var d connectortest.Platform
	connectortest.Sync(t, &twin{}, connectortest.Into(&d))
	assert.Len(t, d.Rows("north.keyed"), 5)
	assert.Len(t, d.Rows("keyed"), 10)
}

// ticket is a row of a REST source. A deleted ticket is in the list as a tombstone.
type ticket struct {
	ID      int64     `json:"id" schema:"primary_key"`
	Updated time.Time `json:"updated"`
	Deleted bool      `json:"deleted"`
}

// ticketReader reads tickets by the time of their last change.
type ticketReader struct {
	Key connector.Secret `json:"key"`
}

func (c *ticketReader) Schema(context.Context) (schema.Schema, error) {
	return schema.New("desk", schema.TableOf[ticket]("tickets"))
}

func (c *ticketReader) Test(ctx context.Context) error {
	for _, err := range c.changed(ctx, time.Time{}) {
		return err
	}
	return nil
}

func (c *ticketReader) changed(ctx context.Context, from time.Time) iter.Seq2[ticket, error] {
	client, err := transport.New("http://desk.test", transport.WithAuth(auth.Bearer(c.Key.Reveal())), transport.WithLogger(connector.Logger(ctx)))
	if err != nil {
		return func(yield func(ticket, error) bool) { yield(ticket{}, err) }
	}
	request := transport.Request{Path: "/tickets", Query: url.Values{"since": {from.Format(time.RFC3339)}}}
	return transport.Records[ticket](ctx, client, request, paging.Offset{})
}

func (c *ticketReader) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "tickets", state.Sorted())
	for t, err := range c.changed(ctx, cursor.Start()) {
		if err != nil {
			return err
		}
		deliver := out.Upsert
		if t.Deleted {
			deliver = out.Delete
		}
		if err := deliver("tickets", t); err != nil {
			return err
		}
		cursor.Advance(t.Updated)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}

func TestACorrectReaderOfTombstonesNeverFails(t *testing.T) {
	t.Parallel()
	var tickets []ticket
	for i := range 40 {
		at := time.Date(2026, 3, 1, i/3, 0, 0, 0, time.UTC)
		tickets = append(tickets, ticket{ID: int64(i), Updated: at, Deleted: i%5 == 2})
	}
	passes(t, &ticketReader{Key: apiKey}, connectortest.Source(func() http.Handler {
		return fakeapi.New(nil, fakeapi.Bearer(apiKey), fakeapi.Collection("/tickets", tickets,
			fakeapi.Since("since", "updated"), fakeapi.ByOffset("offset", ""), fakeapi.PageSize(4)))
	}), restarts(8))
}

func TestAMissingDeleteIsReportedOnce(t *testing.T) {
	t.Parallel()
	c := &script{tables: []schema.Table{keyed}, sync: func(st state.State, out connector.Emitter) error {
		if !state.NewCursor[int64](st, "keyed", state.Sorted()).First() {
			return nil
		}
		first := state.NewCursor[int64](st, "keyed", state.Sorted())
		first.Advance(1)
		row := map[string]any{"id": 1}
		return errors.Join(out.Checkpoint(), out.Delete("keyed", row), out.Delete("keyed", row))
	}}
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Resume"))["Resume"]
	assert.Contains(t, r.String(), "table s.keyed: 1 difference\n    id=1: not deleted\n")
}
