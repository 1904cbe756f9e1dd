package connectortest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
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

func TestACorrectConnectorPasses(t *testing.T) {
	c, network := newReference("")
	began := time.Now()
	connectortest.Run(t, c, connectortest.Network(network), connectortest.Contract("testdata/contract.json", c))
	assert.Less(t, time.Since(began), 20*time.Second)
}

func TestACorrectConnectorPassesAgainstAServer(t *testing.T) {
	c, api := newReference("")
	srv := httptest.NewServer(api)
	defer srv.Close()
	c.url = srv.URL
	connectortest.Run(t, c)
}

func TestACorrectConnectorWithoutHTTPPasses(t *testing.T) {
	reports := connectortest.Record(t, &counter{Limit: 20})
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
	require.Len(t, reports["Faults"].Skips, 1)
	assert.Contains(t, reports["Faults"].Skips[0], "no request through package transport")
}

func TestANetworkOfItsOwnIsNotTakenForAFault(t *testing.T) {
	c, api := newReference("")
	srv := httptest.NewUnstartedServer(api)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	trusting := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer trusting.CloseIdleConnections()
	c.url, c.network = srv.URL, trusting
	reports := connectortest.Record(t, c)
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
	require.Len(t, reports["Faults"].Skips, 1)
	assert.Contains(t, reports["Faults"].Skips[0], "Network")

	reports = connectortest.Record(t, c, connectortest.Network(trusting))
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
		assert.Equal(t, name == "Compatibility", len(r.Skips) > 0, name)
	}
}

func TestTheNamesOfSubtestsStay(t *testing.T) {
	assert.Equal(t, "Spec Schema Test Sync Determinism Incremental Resume Crash Cancel SlowConsumer Selection Secrets Race Faults StateSize Compatibility",
		strings.Join(connectortest.RuleNames(), " "))
}

func TestAFailureSaysTheRuleAndTheWayOut(t *testing.T) {
	c, network := newReference("a checkpoint before the row")
	r := connectortest.Record(t, c, connectortest.Network(network))["Resume"]
	assert.Regexp(t, `table shop.orders: \d+ difference`, r.String())
	assert.Contains(t, r.String(), "\ncontract: a checkpoint covers rows that were handed over before it")
	assert.Contains(t, r.String(), "\nto mend it: hand a row over first, then advance the cursor, then checkpoint")
}

func TestAConnectorThatDoesNotWorkFailsOnce(t *testing.T) {
	c := &script{tables: []schema.Table{keyed}, sync: func(state.State, connector.Emitter) error {
		return connector.Errorf(connector.Configuration, "no such account")
	}}
	reports := connectortest.Record(t, c)
	assert.Contains(t, reports["Sync"].String(), "no such account")
	for name, r := range reports {
		assert.Equal(t, name == "Sync", r.Failed(), "%s: %v", name, r)
	}
	assert.Len(t, reports["Resume"].Skips, 1)

	// Even if only one subtest is left.
	var opts []connectortest.RunOption
	for _, name := range connectortest.RuleNames() {
		if name != "Crash" {
			opts = append(opts, connectortest.Skip(name, "for this test"))
		}
	}
	assert.True(t, connectortest.Record(t, c, opts...)["Crash"].Failed())
}

func TestSkipPrintsItsReason(t *testing.T) {
	reports := connectortest.Record(t, &counter{Limit: 1},
		connectortest.Skip("Crash", "the source can't be asked twice"), connectortest.Skip("Crush", "a typing error"))
	require.Len(t, reports["Crash"].Skips, 1)
	assert.Contains(t, reports["Crash"].Skips[0], "the source can't be asked twice\ncontract: ")
	assert.Contains(t, reports[""].String(), `there is no subtest "Crush"`)
}

func TestVolatileExceptsColumnsAndState(t *testing.T) {
	for fault, except := range map[string]connectortest.RunOption{
		"a column that is not the source's": connectortest.Volatile("accounts", "name"),
		"state that the source did not say": connectortest.VolatileState("accounts", "run"),
	} {
		c, network := newReference(fault)
		for name, r := range connectortest.Record(t, c, connectortest.Network(network), except) {
			assert.False(t, r.Failed(), "%s: %v", name, r)
		}
	}
}

func TestRepeatsExceptsLogsOfChanges(t *testing.T) {
	c := &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
		for _, name := range []string{"a", "b", "c"} {
			if err := out.Upsert("keyed", map[string]any{"id": 1, "name": name}); err != nil {
				return err
			}
		}
		return nil
	}}
	reports := connectortest.Record(t, c)
	assert.Contains(t, reports["Sync"].String(), "2 times a primary key came again with another row; the first:\n    id=1:")
	for name, r := range connectortest.Record(t, c, connectortest.Repeats("keyed")) {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
}

func TestAClockInTheStateIsNoFault(t *testing.T) {
	c := &script{tables: []schema.Table{keyed}, sync: func(st state.State, _ connector.Emitter) error {
		now := time.Now()
		for key, value := range map[string]any{"text": now, "ns": now.UnixNano(), "ms": now.UnixMilli(), "earlier": now.Add(-72 * time.Hour)} {
			if err := st.Table("keyed").Set(key, value); err != nil {
				return err
			}
		}
		return nil
	}}
	for name, r := range connectortest.Record(t, c) {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
}

func TestRestartsAndSeedLimitAndRepeatTheChoices(t *testing.T) {
	run := func() *connectortest.Report {
		return connectortest.Record(t, &counter{Limit: 300}, connectortest.Restarts(5), connectortest.Seed(42))["Resume"]
	}
	assert.Equal(t, []string{"connectortest.Seed(42) repeats the random choices", "5 of 301 checkpoints are tried"}, run().Logs)
}

func TestWhatIsNotProvedIsSaid(t *testing.T) {
	c := &script{tables: []schema.Table{keyed, events}, sync: func(_ state.State, out connector.Emitter) error {
		return out.Upsert("keyed", map[string]any{"id": 1, "name": "a"})
	}}
	logs := strings.Join(connectortest.Record(t, c)["Sync"].Logs, "\n")
	assert.Contains(t, logs, "table s.events: the source has no row of it")
	assert.Contains(t, logs, "table s.keyed: no row had a value in data")
}

func TestAShortSecretIsSaidNotToBeLookedFor(t *testing.T) {
	c, network := newReference("")
	c.APIKey, network.key = "k", "k"
	r := connectortest.Record(t, c, connectortest.Network(network))["Secrets"]
	assert.False(t, r.Failed(), "%v", r)
	assert.Contains(t, strings.Join(r.Logs, "\n"), "field api_key holds fewer than 8 bytes")
}

// nested is a connector whose secrets are deeper in its configuration.
type nested struct {
	counter
	Proxy struct {
		Password connector.Secret `json:"password"`
		User     string           `json:"user,omitempty"`
	} `json:"proxy"`
}

func (c *nested) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	password := c.Proxy.Password.Reveal()
	if err := out.Warn("logged in with " + password[:8] + "…" + password[8:]); err != nil {
		return err
	}
	return c.counter.Sync(ctx, st, out)
}

func TestSecretsAreFoundWhereverTheyAreConfigured(t *testing.T) {
	c := &nested{counter: counter{Limit: 1}}
	c.Proxy.Password = "0123456789-abcdef-42"
	r := connectortest.Record(t, c)["Secrets"]
	assert.Contains(t, r.String(), "a warning holds the secret proxy.password in pieces: logged in with…")
	assert.NotContains(t, r.String(), "01234567", "a report is a log, too")
}

func TestVirtualTimeMakesWaitsShort(t *testing.T) {
	c := &waiting{reference: reference{APIKey: "key-0123456789", PageSize: 4, url: sourceURL, memory: new(atomic.Int64)}}
	began := time.Now()
	connectortest.Run(t, c, connectortest.Source(func() http.Handler {
		return source{key: "key-0123456789", accounts: 3, orders: 3, events: 3}
	}))
	assert.Less(t, time.Since(began), time.Minute, "of more than an hour of the connector's time")
}

func TestASourceThatTakesItsTimeIsProvedLikeAnother(t *testing.T) {
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

func TestAConnectorOnAnotherClientIsProvedLikeAnother(t *testing.T) {
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

// library is a connector that reads its source by net/http alone.
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
		return p, connector.Errorf(connector.Configuration, "the source knows no such key")
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

// waiting is a connector that takes a minute for each sync.
type waiting struct{ reference }

func (c *waiting) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	select {
	case <-time.After(time.Minute):
		return c.reference.Sync(ctx, st, out)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// standingEnv makes the tests' own binary a process for what can't be ended: the
// goroutines of a bubble whose clock stands.
const standingEnv = "CONNECTORTEST_STANDING"

func TestWhereVirtualTimeStandsTimeIsReal(t *testing.T) {
	if os.Getenv(standingEnv) == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		cmd.Env = append(os.Environ(), standingEnv+"=1")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Equal(t, 2, strings.Count(string(out), "virtual time does not go on"), "%s", out)
		assert.Equal(t, 2, strings.Count(string(out), "--- SKIP"), "Compatibility alone: %s", out)
		assert.Contains(t, string(out), "connectortest_test.(*guarded).wait")
		return
	}
	connectortest.Standing(t, time.Second)
	for name, outside := range map[string]func(*testing.T) <-chan struct{}{
		"a lock that is held during a request":  func(*testing.T) <-chan struct{} { return nil },
		"something outside that takes its time": ticking,
	} {
		t.Run(name, func(t *testing.T) {
			c := &guarded{library: library{APIKey: "key-0123456789"}, outside: outside(t)}
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

// guarded is a connector that waits for what virtual time does not know.
type guarded struct {
	library
	outside <-chan struct{}
	guard   sync.Mutex
}

func (c *guarded) wait(ctx context.Context) error {
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

// ticking returns a channel that gives something again and again, after a while.
func ticking(t *testing.T) <-chan struct{} {
	t.Helper()
	ticks, over := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for wait := 3 * time.Second; ; wait = time.Millisecond {
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

func TestTheClockStandsStill(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 2 {
		connectortest.At(t, noon, func(t *testing.T) {
			t.Helper()
			sync := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
				time.Sleep(24 * time.Hour)
				return out.Upsert("keyed", map[string]any{"id": 1, "name": time.Now().UTC().String()})
			}})
			assert.JSONEq(t, `{"id":1,"name":"2026-03-02 12:00:00 +0000 UTC"}`, string(sync.Rows("keyed")[0]))
		})
	}
}

func TestASyncReadsASourceInMemory(t *testing.T) {
	c, api := newReference("")
	assert.Len(t, connectortest.Sync(t, c, connectortest.Against(api)).Rows("accounts"), accounts)
	assert.Len(t, connectortest.Sync(t, c, connectortest.Through(api)).Rows("accounts"), accounts)
}
