package connector_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// untilDone is the function of an endless table that has no rows.
func untilDone(ctx context.Context, _ state.State, _ connector.Emitter) error {
	<-ctx.Done()
	return ctx.Err()
}

// sleep returns the function of a table that takes the given time.
func sleep(d time.Duration, err error) connector.TableFunc {
	return func(context.Context, state.State, connector.Emitter) error {
		time.Sleep(d)
		return err
	}
}

func TestEndlessTablesTakeNoSlotOfOtherTables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		names := strings.Split("abcdefgh", "")
		ended := map[string]time.Duration{}
		began := time.Now()
		c := &fixture.Wide{Names: names, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 2}
			for _, name := range names[:4] {
				tables.Add(name, sleep(time.Minute, nil))
			}
			for _, name := range names[4:] { // added last, called first
				tables.AddEndless(name, untilDone)
			}
			return tables.Sync(ctx, st, out)
		}}
		go func() {
			time.Sleep(time.Hour)
			cancel()
		}()
		err := syncInto(ctx, t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
			if op.Kind == host.OpTableEnd && op.Err == nil {
				ended[op.Table.Name] = time.Since(began).Round(time.Minute)
			}
			return nil
		})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, map[string]time.Duration{"a": time.Minute, "b": time.Minute, "c": 2 * time.Minute, "d": 2 * time.Minute}, ended)
	})
}

func TestATableThatFailsBesideEndlessOnesIsReportedAtOnceAndOnce(t *testing.T) {
	for name, test := range map[string]struct {
		fail    func(tables *connector.Tables)
		swallow bool
	}{
		"a table": {func(tables *connector.Tables) {
			tables.Add("a", sleep(time.Minute, errors.New("403 Forbidden")))
		}, false},
		"an endless table": {func(tables *connector.Tables) {
			tables.AddEndless("a", sleep(time.Minute, errors.New("403 Forbidden")))
		}, false},
		"a panic": {func(tables *connector.Tables) {
			tables.AddEndless("a", func(context.Context, state.State, connector.Emitter) error {
				time.Sleep(time.Minute)
				panic("403 Forbidden")
			})
		}, false},
		"goexit": {func(tables *connector.Tables) {
			tables.AddEndless("a", func(context.Context, state.State, connector.Emitter) error {
				time.Sleep(time.Minute)
				runtime.Goexit()
				return nil
			})
		}, false},
		"an error that the connector ignores": {func(tables *connector.Tables) {
			tables.AddEndless("a", sleep(time.Minute, errors.New("403 Forbidden")))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
					var tables connector.Tables
					test.fail(&tables)
					tables.AddEndless("b", sleep(time.Hour, nil))
					if err := tables.Sync(ctx, st, out); !test.swallow {
						return err
					}
					return nil
				}}
				var warnings []string
				ended := time.Duration(0)
				err := syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
					switch {
					case op.Kind == host.OpWarning:
						warnings = append(warnings, fmt.Sprintf("%v %s", time.Since(began), op.Message))
					case op.Kind == host.OpTableEnd && op.Err != nil:
						ended = time.Since(began)
					}
					return nil
				})
				assert.Equal(t, !test.swallow, err != nil, "%v", err)
				assert.Equal(t, time.Minute, ended)
				require.Len(t, warnings, 1)
				assert.Contains(t, warnings[0], "1m0s table a failed, and the sync continues with the others: ")
				if name == "goexit" {
					assert.Contains(t, warnings[0], "runtime.Goexit")
				} else {
					assert.Contains(t, warnings[0], "403 Forbidden")
				}
			})
		})
	}
}

func TestATableThatFailsBesideTablesThatEndIsNotReportedTwice(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		var tables connector.Tables
		tables.AddEndless("a", func(context.Context, state.State, connector.Emitter) error { return errors.New("403 Forbidden") })
		tables.Add("b", syncOne("b", func() error { return nil }))
		return tables.Sync(ctx, st, out)
	}}
	lines, err := fixture.Answer(t, c, `{}`)
	require.ErrorContains(t, err, "403 Forbidden")
	assert.Equal(t, 1, strings.Count(strings.Join(lines, "\n"), "403 Forbidden"))
}

func TestTablesThatWaitWhileOthersEndAreNotReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := strings.Split("abcdef", "")
		c := &fixture.Wide{Names: names, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 1}
			for _, name := range names {
				tables.Add(name, sleep(4*time.Minute, nil))
			}
			return tables.Sync(ctx, st, out)
		}}
		require.NoError(t, syncInto(t.Context(), t, c, "", slog.DiscardHandler, func(op *host.Operation) error {
			assert.NotEqual(t, host.OpWarning, op.Kind, op.Message)
			return nil
		}))
	})
}

func TestOnlySelectedTablesThatWaitAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := strings.Split("abcd", "")
		c := &fixture.Wide{Names: names, OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			tables := connector.Tables{Parallel: 1}
			for _, name := range names {
				tables.Add(name, sleep(time.Hour, nil))
			}
			return tables.Sync(ctx, st, out)
		}}
		var warnings []string
		require.NoError(t, syncInto(t.Context(), t, c, `{"wide":{"c":false}}`, slog.DiscardHandler, func(op *host.Operation) error {
			if op.Kind == host.OpWarning {
				warnings = append(warnings, op.Message)
			}
			return nil
		}))
		require.Len(t, warnings, 1)
		assert.Contains(t, warnings[0], "no table has been read to the end for 5m0s, and these tables wait for one of the 1 that are being read: b, d;")
	})
}
