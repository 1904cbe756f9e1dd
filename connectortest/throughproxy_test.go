package connectortest_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest"
)

const databasePassword = "password-0123456789"

// throughProxy redirects a databaseReader.
func throughProxy(db *database) connectortest.Option {
	return connectortest.ThroughProxy(db.address(), func(c *databaseReader, address string) { c.Address = address })
}

func newBank(t *testing.T) *database {
	t.Helper()
	return newDatabase(t, map[string][]string{"incoming": payments(40, 0), "outgoing": payments(25, 100)})
}

// hasTime reports whether a test that repeats something may do so again.
func hasTime(began time.Time) bool { return time.Since(began) < 3*time.Minute }

// With the flag -long, there are as many runs as the flag -runs says, for up to three minutes.
func TestACorrectDatabaseConnectorPasses(t *testing.T) {
	t.Parallel()
	workers, each := 1, 1
	if *long {
		workers, each = 4, *runs/8
	}
	for name, reconnects := range map[string]int{"that fails when a connection breaks": 0, "that reconnects": 3} {
		for worker := range workers {
			t.Run(fmt.Sprint(name, " ", worker), func(t *testing.T) {
				t.Parallel()
				db := newBank(t)
				began, n := time.Now(), 0
				for ; n < each && hasTime(began); n++ {
					c := &databaseReader{Address: db.address(), Password: databasePassword, reconnects: reconnects}
					for rule, r := range connectortest.Record(t, c, throughProxy(db), connectortest.Restarts(10)) {
						require.False(t, r.Failed(), "%s: %v", rule, r)
						require.Equal(t, rule == "Compatibility", len(r.Skips) > 0, "%s: %v", rule, r.Skips)
					}
				}
				t.Logf("%d runs took %v", n, time.Since(began))
			})
		}
	}
}

func TestACorrectHTTPConnectorPassesThroughAProxy(t *testing.T) {
	t.Parallel()
	c, api := newReference("")
	srv := httptest.NewServer(api)
	defer srv.Close()
	c.url = srv.URL
	opts := []connectortest.Option{restarts(5), connectortest.ThroughProxy(srv.Listener.Addr().String(), func(c *reference, address string) {
		c.url = "http://" + address
	})}
	if !*long {
		opts = append(opts, connectortest.Only(connectortest.RuleNames(), "SlowConsumer"))
	}
	connectortest.Run(t, c, opts...)
}

// What the system buffers is not mistaken for rows that the connector reads ahead.
func TestBuffersOfTheSystemAreNotRowsReadAhead(t *testing.T) {
	t.Parallel()
	db := newBank(t)
	db.tables["incoming"] = payments(320, 64<<10)
	c := &databaseReader{Address: db.address(), Password: databasePassword}
	connectortest.Run(t, c, throughProxy(db), connectortest.Only(connectortest.RuleNames(), "SlowConsumer"))
}

var databaseMutants = []mutant{
	{"rows read without the sync's context", "Cancel", ""},
	{"rows received far ahead", "SlowConsumer", ""},
	{"an error of rows that is ignored", "Faults", ""},
	{"a reconnect that skips a row", "Faults", ""},
	{"rows read again with other values after a reconnect", "Faults", ""},
	{"an error of a driver that loses its kind", "Faults", ""},
}

func TestABrokenDatabaseConnectorIsFound(t *testing.T) {
	t.Parallel()
	for _, m := range databaseMutants {
		t.Run(m.fault, func(t *testing.T) {
			t.Parallel()
			db := newBank(t)
			c := &databaseReader{Address: db.address(), Password: databasePassword, fault: m.fault}
			opts := []connectortest.Option{throughProxy(db), connectortest.Seed(1), restarts(5), connectortest.StopTimeout(500 * time.Millisecond)}
			if m.fault == receivingAhead {
				db.tables["incoming"] = payments(640, 64<<10)
				paused := make(chan struct{})
				c.paused = paused
				pause := sync.OnceFunc(func() { close(paused) })
				// SlowConsumer pauses in the fourth sync of two tables.
				wait := db.waitFor(4 * 2)
				opts = append(opts, connectortest.SleepBy(func(d time.Duration) { pause(); wait(d) }))
			}
			if strings.Contains(m.fault, "reconnect") {
				c.reconnects = 3
			}
			if !*long || m.fault == receivingAhead {
				opts = append(opts, connectortest.Only(connectortest.RuleNames(), m.found))
			}
			reports := connectortest.Record(t, c, opts...)
			require.True(t, reports[m.found].Failed(), "%s did not find it", m.found)
			for name, r := range reports {
				if name != m.found && !slices.Contains(strings.Fields(m.also), name) {
					assert.False(t, r.Failed(), "%s failed, too:\n%v", name, r)
				}
			}
			t.Logf("%s:\n%v", m.found, reports[m.found])
		})
	}
}

func TestTheDocumentationListsTheBrokenDatabaseConnectors(t *testing.T) {
	inTheDocumentation(t, "# Which subtest finds which fault", databaseMutants)
}

func TestTheSeedRepeatsTheFaultsOfConnections(t *testing.T) {
	t.Parallel()
	db := newDatabase(t, map[string][]string{"incoming": payments(40, 0)})
	run := func() string {
		c := &databaseReader{Address: db.address(), Password: databasePassword, fault: "an error of rows that is ignored"}
		r := connectortest.Record(t, c, throughProxy(db), connectortest.Seed(7), connectortest.Only(connectortest.RuleNames(), "Faults"))["Faults"]
		first, _, _ := strings.Cut(r.String(), ";")
		return first
	}
	first := run()
	assert.Regexp(t, `^a sync was run while a connection was \w+( and cut)? after \d+ bytes`, first)
	assert.Equal(t, first, run())
}

func TestAMisuseOfThroughProxyIsReported(t *testing.T) {
	t.Parallel()
	db := newBank(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free := silent.Addr().String()
	require.NoError(t, silent.Close())
	set := func(c *databaseReader, address string) { c.Address = address }
	for name, test := range map[string]struct {
		opts []connectortest.Option
		rule string
		want string
	}{
		"no port": {[]connectortest.Option{connectortest.ThroughProxy("localhost", set)}, "",
			`the option ThroughProxy: the address "localhost" does not have the form host:port`},
		"another type of connector": {[]connectortest.Option{connectortest.ThroughProxy(db.address(), func(*reference, string) {})}, "",
			"the option ThroughProxy: its function expects another type of connector than the *connectortest_test.databaseReader that was passed to Run"},
		"virtual time": {[]connectortest.Option{connectortest.ThroughProxy(db.address(), set), connectortest.Source(http.NotFoundHandler)}, "",
			"the options Source and ThroughProxy cannot be combined, because connections take real time: ThroughProxy is ignored"},
		"an address that is not used": {[]connectortest.Option{connectortest.ThroughProxy(db.address(), func(*databaseReader, string) {})}, "Faults",
			"no data from the source went through the proxy: the function passed to ThroughProxy must set the address that Sync connects to\ncontract: "},
		"a source that cannot be reached": {[]connectortest.Option{connectortest.ThroughProxy(free, set)}, "Faults",
			"the proxy could not connect to the source: dial tcp " + free},
		"a connector that fails behind a proxy": {[]connectortest.Option{connectortest.ThroughProxy(db.address(), func(c *databaseReader, address string) {
			c.Address, c.Password = address, "another password"
		})}, "Faults", "a sync that reached its source through a proxy without faults failed: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &databaseReader{Address: db.address(), Password: databasePassword}
			reports := connectortest.Record(t, c, append(test.opts, connectortest.Only(connectortest.RuleNames(), test.rule))...)
			assert.Contains(t, reports[test.rule].String(), test.want)
		})
	}
}
