package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A picky destination refuses the rows of the table a for which refuse returns true.
type picky struct {
	batchWriter
	refuse func(row string) bool
}

func (p *picky) CheckRow(kind host.OperationKind, t *schema.Table, row []byte) error {
	if kind == host.OpUpsert && t.Name == "a" && p.refuse(string(row)) {
		return &schema.RowError{Table: t.String(), Got: "a row", Problem: "the platform cannot hold it"}
	}
	return nil
}

func (p *picky) sync(t *testing.T, c connector.Connector) error {
	t.Helper()
	run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
	return errors.Join(run.Sync(host.SyncRequest{}, p), run.Close())
}

// beginning returns the texts that begin with a prefix.
func beginning(texts []string, prefix string) (all []string) {
	for _, text := range texts {
		if strings.HasPrefix(text, prefix) {
			all = append(all, text)
		}
	}
	return all
}

func refuseRow2(row string) bool { return row == `{"id":2}` }

// deliver returns a function that delivers n rows of a table and saves the position after each.
func deliver(table string, n int64) connector.TableFunc {
	return func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, table, state.Sorted())
		for i := int64(1); i <= n; i++ {
			if err := out.Upsert(table, id(i)); err != nil {
				return err
			}
			cursor.Advance(i)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestARowThatTheDestinationRefusesFailsItsTableOnly(t *testing.T) {
	for _, parallel := range []int{1, 2} {
		w := picky{refuse: refuseRow2}
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: parallel}
			tables.Add("a", deliver("a", 3))
			tables.Add("b", deliver("b", 3))
			return tables.Sync(ctx, st, out)
		}}
		err := w.sync(t, c)
		require.ErrorContains(t, err, "1 of 2 tables failed: a: table wide.a: got a row: the platform cannot hold it")
		assert.Equal(t, connector.Defect, connector.KindOf(err))
		texts := w.texts()
		assert.Equal(t, []string{`upsert a{"id":1}`}, beginning(texts, "upsert a"))
		assert.Equal(t, []string{`upsert b{"id":1}`, `upsert b{"id":2}`, `upsert b{"id":3}`}, beginning(texts, "upsert b"))
		assert.Equal(t, `checkpoint {"a":{"cursor":1},"b":{"cursor":3}}`, texts[len(texts)-1])
		ends := map[string]error{}
		for _, op := range w.ops {
			if op.Kind == host.OpTableEnd {
				ends[op.Table.Name] = nil
				if op.Err != nil {
					ends[op.Table.Name] = op.Err
				}
			}
		}
		require.ErrorContains(t, ends["a"], "the platform cannot hold it")
		require.NoError(t, ends["b"])
	}
}

func TestARefusedRowFailsItsTableAlthoughTheConnectorIgnoresTheError(t *testing.T) {
	w := picky{refuse: refuseRow2}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.Add("a", func(_ context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, "a", state.Sorted())
			for i := int64(1); i <= 3; i++ {
				_ = out.Upsert("a", id(i))
				cursor.Advance(i)
				if err := out.Checkpoint(); i > 1 {
					assert.ErrorContains(t, err, "the platform cannot hold it")
				}
			}
			return nil
		})
		tables.Add("b", deliver("b", 3))
		err := tables.Sync(ctx, st, out)
		return errors.Join(err, out.Checkpoint()) // of the whole state
	}}
	require.ErrorContains(t, w.sync(t, c), "1 of 2 tables failed: a: table wide.a: got a row: the platform cannot hold it")
	texts := w.texts()
	assert.Equal(t, []string{`upsert a{"id":1}`, `upsert a{"id":3}`}, beginning(texts, "upsert a"))
	assert.Equal(t, `checkpoint {"a":{"cursor":1},"b":{"cursor":3}}`, texts[len(texts)-1])
}

func TestARefusedRowOutsideSyncTablesFailsTheSync(t *testing.T) {
	for name, scope := range map[string]func(connector.Emitter) connector.Emitter{
		"whole":  func(out connector.Emitter) connector.Emitter { return out },
		"scoped": func(out connector.Emitter) connector.Emitter { return out.Scope("a") },
	} {
		t.Run(name, func(t *testing.T) {
			w := picky{refuse: refuseRow2}
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
				out := scope(whole)
				for i := int64(1); i <= 3; i++ {
					_ = out.Upsert("a", id(i))
					if err := st.Table("a").Set("n", i); err != nil {
						return err
					}
					if err := out.Checkpoint(); i > 1 {
						assert.ErrorContains(t, err, "the platform cannot hold it")
					}
				}
				assert.ErrorContains(t, whole.Checkpoint(), "the platform cannot hold it")
				if err := errors.Join(whole.Upsert("b", id(1)), st.Table("b").Set("n", 1)); err != nil {
					return err
				}
				return whole.Scope("b").Checkpoint()
			}}
			err := w.sync(t, c)
			require.ErrorContains(t, err, "table wide.a: got a row: the platform cannot hold it")
			assert.Equal(t, connector.Defect, connector.KindOf(err))
			states := beginning(w.texts(), "checkpoint")
			assert.Equal(t, `checkpoint {"a":{"n":1},"b":{"n":1}}`, states[len(states)-1])
		})
	}
}

func TestAPanicInCheckRowEndsTheSync(t *testing.T) {
	w := picky{refuse: func(string) bool { panic("index out of range") }}
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		tables := connector.Tables{Parallel: 1}
		tables.Add("a", deliver("a", 3))
		tables.Add("b", deliver("b", 3))
		return tables.Sync(ctx, st, out)
	}}
	require.ErrorContains(t, w.sync(t, c), "panic in the destination: index out of range")
	assert.Empty(t, append(beginning(w.texts(), "upsert"), beginning(w.texts(), "checkpoint")...))
}

func TestACheckRowThatCallsGoexitEndsTheSyncAsOneOfWriteDoes(t *testing.T) {
	for name, sync := range map[string]fixture.SyncFunc{
		"outside SyncTables": func(_ context.Context, _ state.State, out connector.Emitter) error { return out.Upsert("a", id(1)) },
		"in SyncTables": func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 1}
			tables.Add("a", deliver("a", 3))
			tables.Add("b", deliver("b", 3))
			return tables.Sync(ctx, st, out)
		},
		"in a goroutine": func(ctx context.Context, _ state.State, out connector.Emitter) error {
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = out.Upsert("a", id(1))
			}()
			<-done
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: sync}
			w := picky{refuse: func(string) bool { runtime.Goexit(); return false }}
			checked := w.sync(t, c)
			require.ErrorContains(t, checked, "the destination called runtime.Goexit")
			assert.Equal(t, connector.Defect, connector.KindOf(checked))
			assert.Empty(t, append(beginning(w.texts(), "upsert a"), beginning(w.texts(), "checkpoint")...))
			written := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
				if op.Kind == host.OpUpsert {
					runtime.Goexit()
				}
				return nil
			}, fixture.Each)
			assert.EqualError(t, checked, written.Error())
		})
	}
}

// The position may be saved by another emitter than the one that delivered the row.
func TestNoEmitterSavesThePositionOfARefusedRow(t *testing.T) {
	for name, through := range map[string]struct {
		deliver func(whole connector.Emitter, sync func(out connector.Emitter) error) error
		save    func(whole connector.Emitter) error
	}{
		"a table, saved with the whole state": {
			func(whole connector.Emitter, sync func(connector.Emitter) error) error {
				return whole.SyncTables(sync, "a", "b")
			},
			func(whole connector.Emitter) error { return whole.Checkpoint() },
		},
		"a scope, saved with one of its tables": {
			func(whole connector.Emitter, sync func(connector.Emitter) error) error {
				return sync(whole.Scope("a", "b"))
			},
			func(whole connector.Emitter) error { return whole.Scope("b").Checkpoint() },
		},
		"the whole sync, saved with the table": {
			func(whole connector.Emitter, sync func(connector.Emitter) error) error { return sync(whole) },
			func(whole connector.Emitter) error {
				return whole.SyncTables(func(out connector.Emitter) error { return out.Checkpoint() }, "a")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := picky{refuse: refuseRow2}
			c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
				return through.deliver(whole, func(out connector.Emitter) error {
					for i := int64(1); i <= 2; i++ {
						err := errors.Join(st.Table("a").Set("n", i), st.Table("b").Set("n", i))
						if refused := out.Upsert("a", id(i)); i == 1 {
							err = errors.Join(err, refused, out.Checkpoint())
						}
						if err != nil {
							return err
						}
					}
					return through.save(whole)
				})
			}}
			require.ErrorContains(t, w.sync(t, c), "the platform cannot hold it")
			for _, text := range beginning(w.texts(), "checkpoint") {
				if name == "the whole sync, saved with the table" {
					assert.Contains(t, text, `"a":{"n":1}`)
					continue
				}
				assert.Equal(t, `checkpoint {"a":{"n":1},"b":{"n":1}}`, text)
			}
		})
	}
}

// endsOf returns the last OpTableEnd of each table: its error, or nil.
func (p *picky) endsOf() map[string]error {
	ends := map[string]error{}
	for _, op := range p.ops {
		if op.Kind == host.OpTableEnd {
			ends[op.Table.Name] = nil
			if op.Err != nil {
				ends[op.Table.Name] = op.Err
			}
		}
	}
	return ends
}

// deliverAmong returns a function for SyncTables that delivers rows of the table a, saves the
// position after each, and ignores all errors.
func deliverAmong(st state.State) func(connector.Emitter) error {
	return func(out connector.Emitter) error {
		for i := int64(1); i <= 3; i++ {
			_ = out.Upsert("a", id(i))
			_ = st.Table("a").Set("n", i)
			_ = out.Scope("a").Checkpoint()
		}
		return nil
	}
}

func TestARefusedRowFailsItsTableAlthoughItWasDeliveredAmongThoseOfAnother(t *testing.T) {
	const refused = "table wide.a: got a row: the platform cannot hold it"
	for name, c := range map[string]struct {
		after func(whole connector.Emitter, failed error) error // of the call of SyncTables
		want  string                                            // the error of the sync
	}{
		"the connector returns the error":  {func(_ connector.Emitter, failed error) error { return failed }, refused},
		"the connector ignores the error":  {func(connector.Emitter, error) error { return nil }, ""},
		"the whole state is saved":         {func(whole connector.Emitter, _ error) error { return whole.Checkpoint() }, ""},
		"a later call syncs both tables":   {func(whole connector.Emitter, _ error) error { return whole.SyncTables(checkpoint, "b", "a") }, refused},
		"a later call syncs its own table": {func(whole connector.Emitter, _ error) error { return whole.SyncTables(checkpoint, "b") }, ""},
		"more rows of the table follow":    {func(whole connector.Emitter, _ error) error { return whole.Upsert("a", id(4)) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := picky{refuse: refuseRow2}
			err := w.sync(t, &fixture.Wide{Names: []string{"b", "a"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
				failed := whole.SyncTables(deliverAmong(st), "b")
				assert.ErrorContains(t, failed, refused)
				return c.after(whole, failed)
			}})
			texts := w.texts()
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
			} else {
				require.NoError(t, err)
				assert.Equal(t, []string{"warning table wide.a failed, but the connector continued the sync: " + refused}, beginning(texts, "warning table wide.a"))
			}
			states := beginning(texts, "checkpoint")
			assert.Equal(t, `checkpoint {"a":{"n":1}}`, states[len(states)-1])
			require.ErrorContains(t, w.endsOf()["a"], "the platform cannot hold it")
		})
	}
}

func checkpoint(out connector.Emitter) error { return out.Checkpoint() }

func TestARefusedRowOfATableThatIsBeingSyncedFailsThatCallToo(t *testing.T) {
	w := picky{refuse: refuseRow2}
	err := w.sync(t, &fixture.Wide{Names: []string{"b", "a"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
		return whole.SyncTables(func(out connector.Emitter) error {
			assert.ErrorContains(t, whole.SyncTables(deliverAmong(st), "b"), "the platform cannot hold it")
			assert.ErrorContains(t, out.Checkpoint(), "the platform cannot hold it")
			return nil
		}, "a")
	}})
	require.ErrorContains(t, err, "the platform cannot hold it")
	for _, text := range beginning(w.texts(), "checkpoint") {
		assert.Equal(t, `checkpoint {"a":{"n":1}}`, text)
	}
	require.ErrorContains(t, w.endsOf()["a"], "the platform cannot hold it")
	require.ErrorContains(t, w.endsOf()["b"], "the platform cannot hold it")
}

// An author who ignores the error of SyncTables may even state that the position covers the
// table.
func TestASharedPositionDoesNotCoverATableOfWhichARowWasRefused(t *testing.T) {
	for _, unit := range []string{"a", "b"} {
		for _, covers := range []string{"never", "before", "after"} {
			for _, moves := range []bool{true, false} {
				t.Run(fmt.Sprintf("in a call for %s, covered %s, moves %t", unit, covers, moves), func(t *testing.T) {
					var missed []string
					first := true
					c := &fixture.Wide{Names: []string{"b", "a"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
						missed = st.Missed()
						if first { // covers b, but not a
							st.Cover("b")
							return st.Shared().Set("token", 0)
						}
						cover := func(when string) {
							if covers == when {
								st.Cover("a")
							}
						}
						cover("before")
						_ = whole.SyncTables(func(out connector.Emitter) error {
							for i := int64(1); i <= 3; i++ {
								_ = out.Upsert("a", id(i))
								if moves {
									_ = st.Shared().Set("token", i)
									_ = whole.Checkpoint()
								}
							}
							return nil
						}, unit)
						cover("after")
						return nil
					}}
					var last []byte
					sync := func(refuse func(string) bool) {
						w := &picky{refuse: refuse}
						run := host.New(t.Context(), c, fixture.Quiet, fixture.Each)
						require.NoError(t, errors.Join(run.Sync(host.SyncRequest{State: last}, w), run.Close()))
						states := beginning(w.texts(), "checkpoint ")
						last = []byte(strings.TrimPrefix(states[len(states)-1], "checkpoint "))
					}
					all := func(string) bool { return false }
					sync(all)
					first = false
					sync(refuseRow2)
					require.Equal(t, []string{"a"}, missed)
					sync(all)
					assert.Contains(t, missed, "a")
				})
			}
		}
	}
}

// A position that covers a table no longer does after a row of the table was refused.
func TestATableThatASharedPositionCoveredIsMissedAfterARowOfItWasRefused(t *testing.T) {
	for _, unit := range []string{"a", "b"} {
		var missed []string
		c := &fixture.Wide{Names: []string{"b", "a"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
			missed = st.Missed()
			for _, name := range missed {
				st.Cover(name)
			}
			return errors.Join(st.Shared().Set("token", 1), whole.Checkpoint(), ignored(whole.SyncTables(func(out connector.Emitter) error {
				for i := int64(1); i <= 3; i++ {
					_ = out.Upsert("a", id(i))
					_ = st.Shared().Set("token", i)
				}
				return nil
			}, unit)))
		}}
		w := picky{refuse: refuseRow2}
		require.NoError(t, w.sync(t, c))
		states := beginning(w.texts(), "checkpoint ")
		next := host.SyncRequest{State: []byte(strings.TrimPrefix(states[len(states)-1], "checkpoint "))}
		run := host.New(t.Context(), c, fixture.Quiet)
		require.NoError(t, errors.Join(run.Sync(next, &picky{refuse: func(string) bool { return false }}), run.Close()))
		assert.Contains(t, missed, "a")
	}
}

func ignored(error) error { return nil }

// Whatever is refused, a state covers rows that were written before it.
func TestNoStateCoversARefusedRow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		bad, ignores := 1+random.Int64N(300), random.IntN(2) == 0
		w := picky{refuse: func(row string) bool { return row == fmt.Sprintf(`{"id":%d}`, bad) }}
		c := &fixture.Wide{Names: []string{"a", "b", "c"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.Add("a", func(_ context.Context, st state.State, out connector.Emitter) error {
				cursor := state.NewCursor[int64](st, "a", state.Sorted())
				for i := int64(1); i <= 300; i++ {
					if err := out.Upsert("a", id(i)); err != nil && !ignores {
						return err
					}
					cursor.Advance(i)
					if err := out.Checkpoint(); err != nil && !ignores {
						return err
					}
				}
				return nil
			})
			tables.Add("b", deliver("b", 300))
			tables.Add("c", deliver("c", 300))
			return tables.Sync(ctx, st, out)
		}}
		require.ErrorContains(t, w.sync(t, c), "1 of 3 tables failed: a: ")
		texts := w.texts()
		states := beginning(texts, "checkpoint")
		want := fmt.Sprintf(`checkpoint {"a":{"cursor":%d},"b":{"cursor":300},"c":{"cursor":300}}`, bad-1)
		if bad == 1 {
			want = `checkpoint {"b":{"cursor":300},"c":{"cursor":300}}`
		}
		require.Equal(t, want, states[len(states)-1])
		written := map[string]bool{}
		for _, text := range texts {
			written[text] = true
		}
		for i := int64(1); i <= 300; i++ {
			require.True(t, written[fmt.Sprintf(`upsert b{"id":%d}`, i)] && written[fmt.Sprintf(`upsert c{"id":%d}`, i)], "row %d", i)
			require.True(t, i >= bad || written[fmt.Sprintf(`upsert a{"id":%d}`, i)], "row %d of a", i)
		}
	}
}

// Rows of the table a are delivered by the call for its own table, by one for another table,
// through a scope or outside of all calls. Their position is their table's or the shared one.
// Whatever is refused, no state covers the refused row, unless the next sync reads all of a
// again.
func TestNoStateCoversARefusedRowWhereverItWasDelivered(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		const rows = 20
		bad := 1 + random.Int64N(rows)
		unit, scope, shared := []string{"", "a", "b"}[random.IntN(3)], random.IntN(2) == 0, random.IntN(2) == 0
		saves, ignores := 1+random.Int64N(rows), random.IntN(2) == 0
		what := fmt.Sprintf("row %d, unit %q, scope %t, shared %t, saved after %d rows, ignores %t", bad, unit, scope, shared, saves, ignores)
		missed := map[string]bool{}
		began := false
		c := &fixture.Wide{Names: []string{"b", "a"}, OnSync: func(_ context.Context, st state.State, whole connector.Emitter) error {
			position := st.Table("a")
			if shared {
				position = st.Shared()
				clear(missed)
				for _, name := range st.Missed() {
					missed[name] = true
				}
				st.Cover("b")
			}
			if began {
				return errors.New("the second sync only asks what it has missed")
			}
			began = true
			deliver := func(out connector.Emitter) error {
				if scope {
					out = out.Scope("a")
				}
				for i := int64(1); i <= rows; i++ {
					if err := out.Upsert("a", id(i)); err != nil && !ignores {
						return err
					}
					if err := position.Set("n", i); err != nil {
						return err
					}
					if i%saves != 0 {
						continue
					}
					_ = out.Checkpoint()
					_ = whole.Checkpoint()
				}
				return nil
			}
			var err error
			if unit == "" {
				err = deliver(whole)
			} else {
				err = whole.SyncTables(deliver, unit)
			}
			if err != nil && !ignores {
				return err
			}
			if shared {
				st.Cover("a")
			}
			_ = whole.Checkpoint()
			return nil
		}}
		w := picky{refuse: func(row string) bool { return row == fmt.Sprintf(`{"id":%d}`, bad) }}
		err := w.sync(t, c)
		texts := w.texts()
		if unit == "" || !ignores {
			require.ErrorContains(t, err, "table wide.a: got a row: the platform cannot hold it", what)
		} else {
			require.NoError(t, err, what)
			named := map[string]string{"a": "a", "b": "wide.a"}[unit] // as the connector spells it, or in full
			require.Len(t, beginning(texts, "warning table "+named+" failed"), 1, what)
		}
		states := beginning(texts, "checkpoint ")
		if len(states) == 0 {
			continue
		}
		last := []byte(strings.TrimPrefix(states[len(states)-1], "checkpoint "))
		if shared {
			run := host.New(t.Context(), c, fixture.Quiet)
			require.Error(t, run.Sync(host.SyncRequest{State: last}, &w))
			require.NoError(t, run.Close())
			if missed["a"] {
				continue
			}
		}
		var saved map[string]struct{ N int64 }
		require.NoError(t, json.Unmarshal(last, &saved))
		require.Less(t, max(saved["a"].N, saved["_shared"].N), bad, "%s: %s", what, last)
	}
}

// A sync that reads a queue always ends in one of these ways.
func TestARefusedRowIsReportedAlthoughTheSyncWasEnded(t *testing.T) {
	ignoring := func(ctx context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for i := int64(1); i <= 3; i++ {
			_ = out.Upsert("a", id(i))
			cursor.Advance(i)
			_ = out.Checkpoint()
		}
		<-ctx.Done()
		return context.Cause(ctx)
	}
	const refusal = "table wide.a: got a row: the platform cannot hold it"
	for name, sync := range map[string]fixture.SyncFunc{
		"of a table": func(ctx context.Context, st state.State, out connector.Emitter) error {
			var tables connector.Tables
			tables.AddEndless("a", ignoring)
			return tables.Sync(ctx, st, out)
		},
		"of the sync": ignoring,
	} {
		c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: sync}
		t.Run(name+", early", func(t *testing.T) {
			w := picky{refuse: refuseRow2}
			run := host.New(t.Context(), c, fixture.Quiet, fixture.Each, host.TimeBudget(20*time.Millisecond))
			require.ErrorContains(t, run.Sync(host.SyncRequest{}, &w), refusal)
			assert.Equal(t, name == "of a table", run.Unreported() == nil, "the end of the table has reported it")
			require.NoError(t, run.Close())
			assert.Empty(t, beginning(w.texts(), "warning"))
		})
		t.Run(name+", by its context", func(t *testing.T) {
			w := picky{refuse: refuseRow2}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			run := host.New(ctx, c, fixture.Quiet, fixture.Each)
			require.ErrorIs(t, run.Sync(host.SyncRequest{}, &w), context.Canceled)
			require.NoError(t, run.Close())
			require.Len(t, beginning(w.texts(), "warning"), 1)
			assert.Contains(t, beginning(w.texts(), "warning")[0], refusal)
		})
	}
}
