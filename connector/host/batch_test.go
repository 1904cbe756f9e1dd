package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A batchWriter is a destination that accepts batches and remembers the operations.
type batchWriter struct {
	mu      sync.Mutex
	ops     []*host.Operation
	batched int                            // the rows that came in batches
	fail    func(op *host.Operation) error // or nil
}

func (w *batchWriter) Write(op *host.Operation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.write(op)
}

func (w *batchWriter) write(op *host.Operation) error {
	w.ops = append(w.ops, op.Clone())
	if w.fail != nil {
		return w.fail(op)
	}
	return nil
}

func (w *batchWriter) WriteRows(ops []host.Operation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batched += len(ops)
	for i := range ops {
		if err := w.write(&ops[i]); err != nil {
			return err
		}
	}
	return nil
}

// texts returns the operations in a short form. It leaves out tables that begin and end.
func (w *batchWriter) texts() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, op := range w.ops {
		switch op.Kind {
		case host.OpTableBegin, host.OpTableEnd:
		case host.OpCheckpoint:
			all = append(all, "checkpoint "+string(op.State))
		case host.OpWarning:
			all = append(all, "warning "+op.Message)
		default:
			all = append(all, fmt.Sprintf("%s %s%s", op.Kind, op.Table.Name, op.Row))
		}
	}
	return all
}

func (w *batchWriter) sync(t *testing.T, c connector.Connector, req host.SyncRequest, options ...host.Option) error {
	t.Helper()
	run := host.New(t.Context(), c, append([]host.Option{fixture.Quiet}, options...)...)
	return errors.Join(run.Sync(req, w), run.Close())
}

// together calls the functions for the tables a, b, ... at the same time. Each has delivered a
// row with the key 0 before the first function is called, so that further rows are gathered.
func together(out connector.Emitter, functions ...func(out connector.Emitter) error) error {
	var wait, ready sync.WaitGroup
	ready.Add(len(functions))
	errs := make([]error, len(functions))
	for i, f := range functions {
		wait.Go(func() {
			table := string(rune('a' + i))
			errs[i] = out.SyncTables(func(out connector.Emitter) error {
				ready.Done()
				ready.Wait()
				if err := out.Upsert(table, id(0)); err != nil {
					return err
				}
				return f(out)
			}, table)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

func wait(ctx context.Context) func(connector.Emitter) error {
	return func(connector.Emitter) error {
		<-ctx.Done()
		return nil
	}
}

func TestRowsOfTablesThatAreSyncedAtTheSameTimeAreWrittenInBatches(t *testing.T) {
	const rows = 1000
	deliver := func(table string) func(out connector.Emitter) error {
		return func(out connector.Emitter) error {
			for i := range int64(rows) {
				if err := out.Upsert(table, id(i+1)); err != nil {
					return err
				}
			}
			return out.Delete(table, id(1))
		}
	}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return together(out, deliver("a"), deliver("b"))
	}}
	var w batchWriter
	require.NoError(t, w.sync(t, c, host.SyncRequest{}))
	for _, table := range []string{"a", "b"} {
		var want []string
		for i := range rows + 1 {
			want = append(want, fmt.Sprintf(`upsert %s{"id":%d}`, table, i))
		}
		want = append(want, fmt.Sprintf(`delete %s{"id":1}`, table))
		assert.Equal(t, want, slices.DeleteFunc(w.texts(), func(text string) bool { return !strings.Contains(text, " "+table+"{") }))
	}
	assert.Greater(t, w.batched, rows)
}

func TestARowIsWrittenSoonAlthoughNothingFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w batchWriter
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			ctx, cancel := context.WithCancel(ctx)
			return together(out, wait(ctx), func(out connector.Emitter) error {
				defer cancel()
				err := out.Upsert("b", id(1))
				time.Sleep(60 * time.Millisecond)
				synctest.Wait()
				assert.Contains(t, w.texts(), `upsert b{"id":1}`)
				return err
			})
		}}
		require.NoError(t, w.sync(t, c, host.SyncRequest{}))
		assert.Equal(t, 1, w.batched)
	})
}

// wider returns the declaration of a table with another column.
func wider(name string) schema.Table {
	return schema.Table{Name: name, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "note", Type: schema.TypeString}}}
}

// Each function makes an operation after the row with the key 1 was gathered.
func TestAnOperationFollowsTheRowsThatWereAcceptedBefore(t *testing.T) {
	for want, operate := range map[string]func(own, whole connector.Emitter) error{
		"truncate b":               func(own, _ connector.Emitter) error { return own.Truncate("b") },
		"warning look":             func(own, _ connector.Emitter) error { return own.Warn("look") },
		"schema change c":          func(own, _ connector.Emitter) error { return own.Declare(wider("c")) },
		"schema change b":          func(own, _ connector.Emitter) error { return own.Declare(wider("b")) },
		`upsert b{"id":2}`:         func(_, whole connector.Emitter) error { return whole.Upsert("b", id(2)) },
		`upsert c{"id":2}`:         func(own, _ connector.Emitter) error { return own.Upsert("c", id(2)) },
		`checkpoint {"b":{"n":1}}`: func(_, whole connector.Emitter) error { return whole.Checkpoint() },
		"warning of another table": func(_, whole connector.Emitter) error { return whole.Scope("a").Warn("of another table") },
	} {
		c := &fixture.Wide{Names: []string{"a", "b", "c"}, OnSync: func(ctx context.Context, st state.State, whole connector.Emitter) error {
			ctx, cancel := context.WithCancel(ctx)
			return together(whole, wait(ctx), func(own connector.Emitter) error {
				defer cancel()
				return errors.Join(own.Upsert("b", id(1)), st.Table("b").Set("n", 1), operate(own, whole))
			})
		}}
		if want == "schema change c" {
			c.Names = c.Names[:2]
		}
		var w batchWriter
		require.NoError(t, w.sync(t, c, host.SyncRequest{}), want)
		texts := w.texts()
		at := slices.IndexFunc(texts, func(text string) bool { return strings.HasPrefix(text, want) })
		require.Positive(t, at, "%s: %q", want, texts)
		assert.Contains(t, texts[:at], `upsert b{"id":1}`, want)
		assert.Positive(t, w.batched, want)
	}
}

func TestAStateThatNoLaterOneSupersedesIsSentInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w batchWriter
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			ctx, cancel := context.WithCancel(ctx)
			return together(out, wait(ctx), func(out connector.Emitter) error {
				defer cancel()
				err := errors.Join(out.Upsert("b", id(1)), st.Table("b").Set("n", 1), out.Checkpoint())
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				assert.Equal(t, `checkpoint {"b":{"n":1}}`, w.texts()[3])
				return err
			})
		}}
		require.NoError(t, w.sync(t, c, host.SyncRequest{}))
	})
}

func TestTheRowsOfATableThatFailsAreWritten(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		ctx, cancel := context.WithCancel(ctx)
		return together(out, wait(ctx), func(out connector.Emitter) error {
			defer cancel()
			return errors.Join(out.Upsert("b", id(1)), errors.New("403 Forbidden"))
		})
	}}
	var w batchWriter
	require.ErrorContains(t, w.sync(t, c, host.SyncRequest{}), "403 Forbidden")
	assert.Contains(t, w.texts(), `upsert b{"id":1}`)
	assert.Equal(t, 1, w.batched)
}

// Two tables may deliver rows of a third one, in an order that the connector controls.
func TestRowsOfATableThatSeveralCallsDeliverKeepTheirOrder(t *testing.T) {
	var turn sync.Mutex
	var both sync.WaitGroup
	last := int64(0)
	deliver := func(own string) func(out connector.Emitter) error {
		return func(out connector.Emitter) error {
			both.Done()
			both.Wait()
			var errs []error
			for i := range int64(200) {
				turn.Lock()
				last++
				errs = append(errs, out.Upsert("shared", id(last)))
				turn.Unlock()
				errs = append(errs, out.Upsert(own, id(i)))
			}
			return errors.Join(errs...)
		}
	}
	for _, named := range []bool{false, true} { // whether the calls name the third table
		last = 0
		both.Add(2)
		c := &fixture.Wide{Names: []string{"a", "b", "shared"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			if !named {
				return together(out, deliver("a"), deliver("b"))
			}
			var wait sync.WaitGroup
			errs := make([]error, 2)
			for i, own := range []string{"a", "b"} {
				wait.Go(func() { errs[i] = out.SyncTables(deliver(own), own, "shared") })
			}
			wait.Wait()
			return errors.Join(errs...)
		}}
		var w batchWriter
		require.NoError(t, w.sync(t, c, host.SyncRequest{}))
		var want []string
		for i := range last {
			want = append(want, fmt.Sprintf(`upsert shared{"id":%d}`, i+1))
		}
		assert.Equal(t, want, slices.DeleteFunc(w.texts(), func(text string) bool { return !strings.HasPrefix(text, "upsert shared") }))
	}
}

func TestADestinationThatFailsInABatchFailsTheSync(t *testing.T) {
	broken := errors.New("the disk is broken")
	for name, fail := range map[string]func() error{
		"the disk is broken":                           func() error { return broken },
		"panic in the destination: index out of range": func() error { panic("index out of range") },
		"WriteRows returned ErrEnough":                 func() error { return host.ErrEnough },
	} {
		w := batchWriter{fail: func(op *host.Operation) error {
			if string(op.Row) == `{"id":1}` {
				return fail()
			}
			return nil
		}}
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
			ctx, cancel := context.WithCancel(ctx)
			return together(out, func(out connector.Emitter) error {
				defer cancel()
				for i := range int64(1000) {
					if err := out.Upsert("a", id(i)); err != nil {
						return err
					}
				}
				return errors.New("all rows were accepted")
			}, wait(ctx))
		}}
		err := w.sync(t, c, host.SyncRequest{})
		require.ErrorContains(t, err, name)
		assert.NotContains(t, err.Error(), "all rows were accepted")
		assert.Contains(t, w.texts()[len(w.texts())-1], `upsert a{"id":1}`, "nothing is written after the failure")
	}
}

// Whatever happens, a state covers rows that were written before it, and the last state of
// a sync that ends early covers all rows that were accepted before a checkpoint.
func TestAStateCoversOnlyRowsThatWereWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		tables, most := 2+random.IntN(3), random.IntN(400)
		seeds := make([]uint64, tables)
		for i := range seeds {
			seeds[i] = random.Uint64()
		}
		saved := make([]int64, tables) // the last row before a checkpoint that succeeded
		c := &fixture.Wide{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var all connector.Tables
			for i := range tables {
				name := string(rune('a' + i))
				random := rand.New(rand.NewPCG(seeds[i], 0))
				all.Add(name, func(_ context.Context, st state.State, out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, name, state.Sorted())
					for n := int64(1); n <= int64(most); n++ {
						if err := out.Upsert(name, id(n)); err != nil {
							return err
						}
						cursor.Advance(n)
						if random.IntN(3) > 0 {
							continue
						}
						if err := out.Checkpoint(); err != nil {
							return err
						}
						saved[i] = n
					}
					return nil
				})
			}
			return all.Sync(ctx, st, out)
		}}
		for i := range tables {
			c.Names = append(c.Names, string(rune('a'+i)))
		}
		var req host.SyncRequest
		var w batchWriter
		end, stop, written := make(chan struct{}), random.IntN(1000), 0
		req.End = end
		how := random.IntN(4)
		w.fail = func(op *host.Operation) error {
			if written++; written != stop {
				return nil
			}
			switch how {
			case 0:
				close(end)
			case 1:
				if op.Row == nil {
					return host.ErrEnough
				}
			case 2:
				return errors.New("the disk is full")
			}
			return nil
		}
		options := []host.Option{fixture.Each}
		if random.IntN(2) == 0 {
			options = nil
		}
		err := w.sync(t, c, req, options...)
		rows, covered := map[string]int64{}, map[string]struct{ Cursor int64 }{}
		for _, op := range w.ops {
			switch op.Kind {
			case host.OpUpsert:
				var row struct{ ID int64 }
				require.NoError(t, json.Unmarshal(op.Row, &row))
				require.Equal(t, rows[op.Table.Name]+1, row.ID)
				rows[op.Table.Name]++
			case host.OpCheckpoint:
				clear(covered)
				require.NoError(t, json.Unmarshal(op.State, &covered))
				for name, part := range covered {
					require.LessOrEqual(t, part.Cursor, rows[name], "the state is ahead of table %s", name)
				}
			}
		}
		if err != nil {
			require.Equal(t, 2, how)
			continue
		}
		for i, name := range c.Names {
			require.GreaterOrEqual(t, covered[name].Cursor, saved[i], "table %s after a sync that ended in the way %d", name, how)
		}
	}
}

func TestARowThatIsDeliveredAfterItsTableHasEndedIsADefect(t *testing.T) {
	done := make(chan struct{})
	var accepted int64
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		return together(out, func(out connector.Emitter) error {
			started := make(chan struct{})
			go func() {
				defer close(done)
				for n := int64(1); out.Upsert("a", id(n)) == nil; n++ {
					if accepted = n; n == 10 {
						close(started)
					}
				}
			}()
			<-started
			return nil
		}, func(connector.Emitter) error {
			<-done
			return nil
		})
	}}
	var w batchWriter
	err := w.sync(t, c, host.SyncRequest{})
	require.Error(t, err)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	for n := range accepted {
		require.Contains(t, w.texts(), fmt.Sprintf(`upsert a{"id":%d}`, n+1), "an accepted row is missing")
	}
}
