package connectortest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

func TestVirtualTimeMakesWaitsShort(t *testing.T) {
	t.Parallel()
	c := &waiting{reference{APIKey: "key-0123456789", PageSize: 4, url: sourceURL, memory: new(atomic.Int64)}, new(atomic.Int64)}
	began := time.Now()
	connectortest.Run(t, c, connectortest.Source(func() http.Handler {
		return source{key: "key-0123456789", accounts: 3, orders: 3, events: 3}
	}))
	waits := c.waits.Load()
	assert.Greater(t, waits, int64(60), "of a minute each")
	assert.Less(t, time.Since(began), time.Duration(waits)*time.Minute/2)
}

func TestASlowSourceIsTestedInVirtualTime(t *testing.T) {
	t.Parallel()
	c := &reference{APIKey: "key-0123456789", PageSize: 4, url: sourceURL, memory: new(atomic.Int64)}
	reports := connectortest.Record(t, c, connectortest.Restarts(5), connectortest.Source(func() http.Handler {
		rows := source{key: "key-0123456789", accounts: 30, orders: 30, events: 30}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(15 * time.Second)
			rows.ServeHTTP(w, r)
		})
	}))
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
		if name != "Compatibility" {
			assert.Empty(t, r.Skips, name)
		}
	}
}

func TestAConnectorWithItsOwnClientIsTestedInVirtualTime(t *testing.T) {
	t.Parallel()
	reports := connectortest.Record(t, &library{APIKey: "key-0123456789"}, connectortest.Source(func() http.Handler {
		return source{key: "key-0123456789", accounts: 20}
	}))
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
		if name != "Compatibility" {
			assert.Empty(t, r.Skips, name)
		}
	}
}

// library is a connector that reads its source with a client of net/http.
type library struct {
	APIKey connector.Secret `json:"api_key" jsonschema:"title=API key"`
}

func (c *library) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[account]("accounts"))
}

func (c *library) get(ctx context.Context, path string) (p pageOf[account], err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, sourceURL+path, nil)
	if err != nil {
		return p, err
	}
	r.Header.Set("Authorization", "Bearer "+c.APIKey.Reveal())
	resp, err := (&http.Client{Transport: transport.RoundTripper(nil)}).Do(r)
	if err != nil {
		return p, connector.Errorf(connector.Transient, "%w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized:
		return p, connector.Errorf(connector.Configuration, "the source rejects the key")
	default:
		return p, connector.Errorf(connector.Transient, "GET %s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return p, connector.Errorf(connector.Transient, "GET %s: %w", path, err)
	}
	return p, nil
}

func (c *library) Test(ctx context.Context) error {
	_, err := c.get(ctx, "/ping")
	return err
}

func (c *library) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	for offset, more := 0, true; more; offset += 4 {
		p, err := c.get(ctx, fmt.Sprint("/accounts?size=4&offset=", offset))
		if err != nil {
			return err
		}
		for _, a := range p.Rows {
			if err := out.Upsert("accounts", &a); err != nil {
				return err
			}
		}
		more = p.More
	}
	return nil
}

// waiting is a connector whose syncs start with a wait of a minute.
type waiting struct {
	reference
	waits *atomic.Int64 // shared by all copies
}

func (c *waiting) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	select {
	case <-time.After(time.Minute):
		c.waits.Add(1)
		return c.reference.Sync(ctx, st, out)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stallEnv makes the test binary run the test in its own process, because the
// goroutines of a bubble whose clock has stopped never end.
const stallEnv = "CONNECTORTEST_STALL"

func TestTimeIsRealAfterVirtualTimeHasStopped(t *testing.T) {
	if os.Getenv(stallEnv) == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), stallEnv+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, 3, strings.Count(string(out), "virtual time has stopped"), "%s", out)
		assert.Equal(t, 3, strings.Count(string(out), "--- SKIP"), "only Compatibility is skipped: %s", out)
		assert.Contains(t, string(out), "connectortest_test.(*guarded).wait")
		return
	}
	connectortest.SetStallTimeout(t, 500*time.Millisecond)
	for name, guarded := range map[string]func(*testing.T) *guarded{
		"a lock that is held during a request": func(*testing.T) *guarded { return &guarded{} },
		"a channel made outside the bubble": func(t *testing.T) *guarded {
			t.Helper()
			return &guarded{outside: ticking(t)}
		},
		"while the default loggers are replaced": func(*testing.T) *guarded {
			return &guarded{outside: make(chan struct{}), inSecrets: new(atomic.Bool)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := guarded(t)
			c.APIKey = "key-0123456789"
			connectortest.Run(t, c, connectortest.Restarts(3), connectortest.Source(func() http.Handler {
				rows := source{key: "key-0123456789", accounts: 8}
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(time.Millisecond)
					rows.ServeHTTP(w, r)
				})
			}))
		})
	}
}

// guarded is a connector whose goroutines wait for something outside virtual time.
type guarded struct {
	library
	outside   <-chan struct{}
	inSecrets *atomic.Bool // only the first sync of Secrets waits if it is not nil
	guard     sync.Mutex
}

func (c *guarded) wait(ctx context.Context) error {
	// The default logger of this package's tests ignores such records.
	if c.inSecrets != nil && (!slog.Default().Enabled(ctx, slog.LevelDebug) || c.inSecrets.Swap(true)) {
		return nil
	}
	if c.outside != nil {
		select {
		case <-c.outside:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.guard.Lock()
	defer c.guard.Unlock()
	_, err := c.get(ctx, "/ping")
	return err
}

func (c *guarded) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var group sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		group.Go(func() { errs[i] = c.wait(ctx) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return connector.Errorf(connector.Transient, "%w", err)
	}
	return c.library.Sync(ctx, st, out)
}

// ticking returns a channel that can be received from every millisecond, after a
// while.
func ticking(t *testing.T) <-chan struct{} {
	t.Helper()
	ticks, over := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for wait := 1500 * time.Millisecond; ; wait = time.Millisecond {
			select {
			case <-time.After(wait):
			case <-over:
				return
			}
			select {
			case ticks <- struct{}{}:
			case <-over:
				return
			}
		}
	})
	t.Cleanup(func() {
		close(over)
		group.Wait()
	})
	return ticks
}
