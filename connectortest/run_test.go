package connectortest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// restarts returns an option that limits the restarts to n, or to four times as many with
// the flag -long.
func restarts(n int) connectortest.Option {
	if *long {
		n *= 4
	}
	return connectortest.Restarts(n)
}

func TestACorrectConnectorPasses(t *testing.T) {
	t.Parallel()
	c, network := newReference("")
	connectortest.Run(t, c, connectortest.Network(network), connectortest.Contract("testdata/contract.json", c))
}

func TestACorrectConnectorPassesAgainstAServer(t *testing.T) {
	t.Parallel()
	c, api := newReference("")
	srv := httptest.NewServer(api)
	defer srv.Close()
	c.url = srv.URL
	connectortest.Run(t, c, restarts(5))
}

func TestACorrectConnectorWithoutHTTPPasses(t *testing.T) {
	t.Parallel()
	reports := connectortest.Record(t, &counter{Limit: 20})
	for name, r := range reports {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
	require.Len(t, reports["Faults"].Skips, 1)
	assert.Contains(t, reports["Faults"].Skips[0], "no request through package transport")
}

func TestAConnectorsOwnNetworkIsNotMistakenForAFault(t *testing.T) {
	t.Parallel()
	t.Run("without the option Network", func(t *testing.T) {
		t.Parallel()
		c := referenceOverTLS(t)
		reports := connectortest.Record(t, c, restarts(2))
		for name, r := range reports {
			assert.False(t, r.Failed(), "%s: %v", name, r)
		}
		require.Len(t, reports["Faults"].Skips, 1)
		assert.Contains(t, reports["Faults"].Skips[0], "Network")
	})
	t.Run("with the option Network", func(t *testing.T) {
		t.Parallel()
		c := referenceOverTLS(t)
		for name, r := range connectortest.Record(t, c, restarts(2), connectortest.Network(c.network)) {
			assert.False(t, r.Failed(), "%s: %v", name, r)
			assert.Equal(t, name == "Compatibility", len(r.Skips) > 0, name)
		}
	})
}

// referenceOverTLS returns a connector with a network of its own, which trusts the server
// of its source.
func referenceOverTLS(t *testing.T) *reference {
	t.Helper()
	c, api := newReference("")
	srv := httptest.NewUnstartedServer(api)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	trusting := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(trusting.CloseIdleConnections)
	c.url, c.network = srv.URL, trusting
	return c
}

func TestTheNamesOfSubtestsDoNotChange(t *testing.T) {
	assert.Equal(t, "Spec Schema Test Sync Unread Determinism Incremental Resume Progress Crash Cancel SlowConsumer Selection Reselection WholeRows Secrets Race Faults StateSize Compatibility",
		strings.Join(connectortest.RuleNames(), " "))
}

func TestAFailureReportsTheContractAndTheFix(t *testing.T) {
	t.Parallel()
	c, network := newReference("a checkpoint before the row")
	r := connectortest.Record(t, c, connectortest.Network(network), connectortest.Only(connectortest.RuleNames(), "Resume"))["Resume"]
	assert.Regexp(t, `table shop.orders: \d+ difference`, r.String())
	assert.Contains(t, r.String(), "\ncontract: a checkpoint covers exactly the rows that were delivered before it")
	assert.Contains(t, r.String(), "\nto fix it: deliver a row or a delete first, then advance the cursor, then checkpoint")
}

func TestAConnectorWhoseSyncFailsIsReportedOnce(t *testing.T) {
	t.Parallel()
	c := &script{tables: []schema.Table{keyed}, sync: func(state.State, connector.Emitter) error {
		return connector.Errorf(connector.Configuration, "no such account")
	}}
	reports := connectortest.Record(t, c)
	assert.Contains(t, reports["Sync"].String(), "no such account")
	for name, r := range reports {
		assert.Equal(t, name == "Sync", r.Failed(), "%s: %v", name, r)
	}
	assert.Len(t, reports["Resume"].Skips, 1)

	// Another subtest reports it if Sync is skipped.
	var opts []connectortest.Option
	for _, name := range connectortest.RuleNames() {
		if name != "Crash" {
			opts = append(opts, connectortest.Skip(name, "for this test"))
		}
	}
	assert.True(t, connectortest.Record(t, c, opts...)["Crash"].Failed())
}

func TestAStateMayContainTheTimeOfTheClock(t *testing.T) {
	t.Parallel()
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

func TestTablesAndColumnsWithoutValuesAreLogged(t *testing.T) {
	t.Parallel()
	c := &script{tables: []schema.Table{keyed, events}, sync: func(_ state.State, out connector.Emitter) error {
		return out.Upsert("keyed", map[string]any{"id": 1, "name": "a"})
	}}
	logs := strings.Join(connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Sync"))["Sync"].Logs, "\n")
	assert.Contains(t, logs, "table s.events: the sync delivered no row of the table and never named it, so nothing about the table is tested: either the source has no rows, or nothing reads the table")
	assert.Contains(t, logs, "table s.keyed: no row has a value in these columns, so they are not tested: data")
}

func TestASyncReadsASourceInMemory(t *testing.T) {
	c, api := newReference("")
	assert.Len(t, connectortest.Sync(t, c, connectortest.Source(func() http.Handler { return api })).Rows("accounts"), accounts)
	assert.Len(t, connectortest.Sync(t, c, connectortest.Network(api)).Rows("accounts"), accounts)
}
