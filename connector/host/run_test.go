package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
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

func TestConfigureFillsACopyAndLogsUnknownFields(t *testing.T) {
	c := &fixture.Shop{BaseURL: "https://api.example.com"}
	var log bytes.Buffer
	run := host.New(t.Context(), c, host.LogTo(slog.NewTextHandler(&log, nil)))
	defer run.Close()
	err := run.Configure([]byte(`{"api_key":"key-0123456789","region":"eu-west-9"}`))
	require.NoError(t, err)
	assert.Contains(t, log.String(), "msg=\"ignoring an unknown field of the configuration\" field=region\n")
	assert.Empty(t, c.APIKey, "the connector that was passed to New is not changed")
	assert.Equal(t, "got [redacted]", run.Redact("got key-0123456789"))
	err = run.Configure([]byte(`{"base_url":"not a URL"}`))
	require.ErrorIs(t, err, connector.Configuration)
	assert.Equal(t, "api_key: is required; base_url: want a valid uri; check the configuration", run.Explain(err))
	assert.Equal(t, err, run.Test(), "methods that need the configuration return its error")
	assert.Equal(t, err, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)))
	tables, err := run.Schema()
	require.NoError(t, err, "a static schema needs no configuration")
	assert.Len(t, tables.Tables(), 2)
}

func TestARunIsOpenedOnceAndClosedAtItsEnd(t *testing.T) {
	l := &lifecycle{}
	run := host.New(t.Context(), l, fixture.Quiet)
	_, err := run.Schema()
	require.NoError(t, err)
	require.NoError(t, run.Test())
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard)))
	require.NoError(t, run.Close())
	require.NoError(t, run.Close())
	assert.Equal(t, "[open test sync close]", fmt.Sprint(l.calls))
	err = host.New(t.Context(), l).Configure(nil)
	require.ErrorContains(t, err, "api_key: is required")
}

func TestATestOfTheConnectionTakesAtMostTwentySeconds(t *testing.T) {
	for name, c := range map[string]struct {
		test func(context.Context) error
		took time.Duration
	}{
		"a source that does not respond":       {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 20 * time.Second},
		"a connector that ignores its context": {func(context.Context) error { time.Sleep(time.Hour); return nil }, 21 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run := host.New(t.Context(), &fixture.Shop{OnTest: c.test}, fixture.Quiet)
				began := time.Now()
				err := run.Test()
				assert.Equal(t, c.took, time.Since(began))
				assert.Equal(t, connector.Transient, connector.KindOf(err))
				assert.ErrorContains(t, err, "the source did not respond within 20s")
				require.NoError(t, run.Close())
				time.Sleep(2 * time.Hour) // until the abandoned method has returned
			})
		})
	}
}

// An opening connector calls a function in Open.
type opening struct {
	fixture.Shop
	open func(context.Context) error
}

func (o *opening) Open(ctx context.Context) error { return o.open(ctx) }

func TestATestBoundsTheTimeOfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := host.New(t.Context(), &opening{open: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }}, fixture.Quiet)
		began := time.Now()
		err := run.Test()
		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.Equal(t, connector.Transient, connector.KindOf(err))
		require.NoError(t, run.Close())
	})
}

// A lifecycle records the order in which its methods are called.
type lifecycle struct {
	fixture.Shop
	fail  string
	calls []string
}

func (l *lifecycle) call(name string) error {
	l.calls = append(l.calls, name)
	if l.fail == name {
		return errors.New(name + " failed")
	}
	return nil
}

func (l *lifecycle) Open(context.Context) error { return l.call("open") }

func (l *lifecycle) Close() error { return l.call("close") }

func (l *lifecycle) Test(context.Context) error { return l.call("test") }

func (l *lifecycle) Sync(context.Context, state.State, connector.Emitter) error {
	return l.call("sync")
}

func TestARunCallsOpenFirstAndCloseLast(t *testing.T) {
	for fail, want := range map[string]string{
		"":      "[open sync close]",
		"open":  "[open]",
		"sync":  "[open sync close]",
		"close": "[open sync close]",
	} {
		l := &lifecycle{fail: fail}
		err := fixture.Sync(t, l, host.SyncRequest{}, fixture.Discard, fixture.Quiet)
		assert.Equal(t, want, fmt.Sprint(l.calls), fail)
		if fail == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, fail+" failed")
		}
	}
}

func TestARunDoesNotChangeTheConnectorThatItWasGiven(t *testing.T) {
	c := &fixture.Shop{}
	_, err := fixture.Answer(t, c, fixture.WithKey)
	require.NoError(t, err)
	assert.Empty(t, c.APIKey)
}
