package connectortest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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

// An entry is a row of a log.
type entry struct {
	Seq  int64  `json:"seq" schema:"primary_key"`
	Text string `json:"text"`
}

// newLog returns a source with a log of 40 entries. A request for the entries after
// the last one receives none.
func newLog() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		var page []string
		for seq := after + 1; seq <= min(after+3, 40); seq++ {
			page = append(page, fmt.Sprintf(`{"seq":%d,"text":"entry %d"}`, seq, seq))
		}
		fmt.Fprint(w, "["+strings.Join(page, ",")+"]")
	})
}

// logReader is a connector whose Sync never returns by itself. It is correct unless it
// has a fault.
type logReader struct {
	BaseURL string `json:"base_url"`

	interval time.Duration
	patient  bool // after an error, it tries again
	fault    string
}

func (c *logReader) Schema(context.Context) (schema.Schema, error) {
	return schema.New("log", schema.TableOf[entry]("entries"))
}

func (c *logReader) Test(ctx context.Context) error {
	_, err := c.after(ctx, 0)
	return err
}

func (c *logReader) after(ctx context.Context, seq int64) ([]entry, error) {
	client, err := transport.New(c.BaseURL, transport.WithLogger(connector.Logger(ctx)))
	if err != nil {
		return nil, err
	}
	return transport.Get[[]entry](ctx, client, transport.Request{Path: "/entries", Query: url.Values{"after": {strconv.FormatInt(seq, 10)}}})
}

func (c *logReader) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	if c.fault == "an end that is ignored" {
		ctx = context.WithoutCancel(ctx)
	}
	cursor := state.NewCursor[int64](st, "entries", state.Sorted())
	if c.fault == "an endless cursor that is not sorted" {
		cursor = state.NewCursor[int64](st, "entries")
	}
	last := max(cursor.Start(), 1) - 1
	save := out.Checkpoint
	if c.fault == "an endless sync that never makes a checkpoint" {
		save = func() error { return nil }
	}
	for {
		page, err := c.after(ctx, last)
		if err != nil && c.patient && ctx.Err() == nil {
			select {
			case <-time.After(c.interval):
				continue
			case <-ctx.Done():
			}
		}
		if err != nil {
			return err
		}
		if c.fault == "a checkpoint before an entry of a log" && len(page) > 0 {
			cursor.Advance(page[len(page)-1].Seq)
			if err := save(); err != nil {
				return err
			}
		}
		for _, e := range page {
			if err := out.Upsert("entries", e); err != nil {
				return err
			}
			last = e.Seq
		}
		if len(page) > 0 && c.fault != "a checkpoint before an entry of a log" {
			cursor.Advance(last)
		}
		if len(page) > 0 || c.fault != "an end that is ignored" { // many connectors make a checkpoint without news, too
			if err := save(); err != nil {
				return err
			}
		}
		if len(page) > 0 {
			continue
		}
		select {
		case <-time.After(c.interval):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// With the flag -long, there are as many runs as the flag -runs says, for up to three minutes.
func TestACorrectEndlessConnectorPasses(t *testing.T) {
	t.Parallel()
	workers, each := 1, 2
	if *long {
		workers, each = 4, *runs/4
	}
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			began, n := time.Now(), 0
			for ; n < each && hasTime(began); n++ {
				c := &logReader{BaseURL: "http://log.test", interval: 10 * time.Second, patient: n%2 == 1}
				for rule, r := range connectortest.Record(t, c, connectortest.Source(newLog), connectortest.Endless(0), restarts(8)) {
					require.False(t, r.Failed(), "%s: %v", rule, r)
					require.Equal(t, rule == "Compatibility", len(r.Skips) > 0, "%s: %v", rule, r.Skips)
				}
			}
			t.Logf("%d runs took %v", n, time.Since(began))
		})
	}
}

func TestACorrectEndlessConnectorPassesInRealTime(t *testing.T) {
	t.Parallel()
	c := &logReader{BaseURL: "http://log.test", interval: 5 * time.Millisecond}
	opts := []connectortest.Option{connectortest.Network(roundTripperOf(newLog())), connectortest.Endless(100 * time.Millisecond), connectortest.Restarts(5)}
	if !*long {
		opts = append(opts, onlyRules(connectortest.RuleNames(), "Sync", "Incremental")...)
	}
	connectortest.Run(t, c, opts...)
}

var endlessMutants = []mutant{
	{"an endless sync that never makes a checkpoint", "Sync", ""},
	{"an endless cursor that is not sorted", "Sync", ""},
	{"an end that is ignored", "Sync", ""},
	{"a checkpoint before an entry of a log", "Resume", "Crash Cancel Race Faults Reselection"},
}

func TestABrokenEndlessConnectorIsFound(t *testing.T) {
	t.Parallel()
	for _, m := range endlessMutants {
		t.Run(m.fault, func(t *testing.T) {
			t.Parallel()
			c := &logReader{BaseURL: "http://log.test", interval: 10 * time.Second, fault: m.fault}
			opts := []connectortest.Option{connectortest.Source(newLog), connectortest.Endless(0), connectortest.Seed(1), restarts(5)}
			if !*long {
				opts = append(opts, connectortest.Only(connectortest.RuleNames(), m.found))
			}
			reports := connectortest.Record(t, c, opts...)
			require.True(t, reports[m.found].Failed(), "%s did not find it", m.found)
			t.Logf("%s:\n%v", m.found, reports[m.found])
			for name, r := range reports {
				if name != m.found && !slices.Contains(strings.Fields(m.also), name) {
					assert.False(t, r.Failed(), "%s failed, too:\n%v", name, r)
				}
			}
		})
	}
}

func TestACorrectEndlessBinaryPasses(t *testing.T) {
	t.Parallel()
	opts := []connectortest.Option{connectortest.Endless(100 * time.Millisecond), connectortest.Restarts(2), connectortest.Contract("testdata/program.json", nil)}
	if !*long {
		opts = append(opts, onlyRules(connectortest.BinaryRuleNames(), "Sync", "Terminate", "ClosedPipe")...)
	}
	connectortest.RunBinary(t, program(t, endlessProgram), []byte(programSecrets), opts...)
}

func TestAnEndlessBinaryMayWriteStatesASecondLate(t *testing.T) {
	t.Parallel()
	opts := []connectortest.Option{connectortest.Endless(200 * time.Millisecond), connectortest.Restarts(2), connectortest.Contract("testdata/program.json", nil)}
	if !*long {
		t.Skip("the syncs are slow")
	}
	connectortest.RunBinary(t, program(t, "an endless program that writes states seldom"), []byte(programSecrets), opts...)
}

var endlessProgramMutants = []mutant{
	{"an endless program that never writes a state", "Sync", ""},
	{"an endless program that ignores the signal", "Sync", ""},
}

func TestABrokenEndlessBinaryIsFound(t *testing.T) {
	t.Parallel()
	for _, m := range endlessProgramMutants {
		t.Run(m.fault, func(t *testing.T) {
			t.Parallel()
			findBrokenBinary(t, m, connectortest.Endless(100*time.Millisecond), connectortest.StopTimeout(500*time.Millisecond),
				connectortest.Only(connectortest.BinaryRuleNames(), m.found))
		})
	}
}

// After the first process that does not end, no more of them are started.
func TestAnEndlessBinaryWithoutTheOptionIsReported(t *testing.T) {
	t.Parallel()
	reports := connectortest.RecordBinary(t.Context(), program(t, endlessProgram), []byte(programSecrets), connectortest.SilenceLimit(time.Second))
	const hang = "it wrote nothing new for 1s, and was killed; if Sync never returns by itself, as that of a queue or a log, pass the option Endless"
	assert.Contains(t, reports["Sync"].String(), "a sync from an empty state failed: "+hang)
	for i, name := range connectortest.BinaryRuleNames() {
		assert.Equal(t, name == "Sync", reports[name].Failed(), "%s: %v", name, reports[name])
		if i > slices.Index(connectortest.BinaryRuleNames(), "Sync") {
			assert.Contains(t, strings.Join(reports[name].Skips, ""), "skipped: a process did not end, as an earlier subtest reports: "+hang, name)
		}
	}
}

func TestTheDocumentationListsTheBrokenEndlessConnectors(t *testing.T) {
	inTheDocumentation(t, "# Which subtest finds which fault", append(slices.Clone(endlessMutants), endlessProgramMutants...))
}

// An endless sync is reported once, by a subtest whose error names the option.
func TestAnEndlessConnectorWithoutTheOptionIsReported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interval time.Duration
		source   connectortest.Option
		want     string
	}{
		"in virtual time": {10 * time.Second, connectortest.Source(newLog),
			"it delivered nothing new for 3h0m0s, after 40 rows; if Sync never returns by itself, as that of a queue or a log, pass the option Endless"},
		"in real time": {5 * time.Millisecond, connectortest.Network(roundTripperOf(newLog())),
			"it delivered nothing new for 1s, after 40 rows; if Sync never returns by itself, as that of a queue or a log, pass the option Endless"},
		"in virtual time, with a source that is asked all the time": {time.Millisecond, connectortest.Source(newLog),
			"after 40 rows; if Sync never returns by itself, as that of a queue or a log, pass the option Endless"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.interval < 5*time.Millisecond && !*long {
				t.Skip("the source receives thousands of requests")
			}
			c := &logReader{BaseURL: "http://log.test", interval: test.interval}
			reports := connectortest.Record(t, c, test.source, connectortest.SilenceLimit(time.Second))
			assert.Contains(t, reports["Sync"].String(), test.want)
			for name, r := range reports {
				assert.Equal(t, name == "Sync", r.Failed(), "%s: %v", name, r)
			}
		})
	}
}

func TestSyncEndsAnEndlessSyncThatIsQuiet(t *testing.T) {
	connectortest.At(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), func(t *testing.T) {
		t.Helper()
		c := &logReader{BaseURL: "http://log.test", interval: 10 * time.Second}
		began := time.Now()
		first := connectortest.Sync(t, c, connectortest.Source(newLog), connectortest.Endless(time.Minute))
		assert.Len(t, first.Rows("entries"), 40)
		assert.JSONEq(t, `{"entries":{"cursor":40}}`, string(first.State))
		assert.Less(t, time.Since(began), 2*time.Minute)

		second := connectortest.Sync(t, c, connectortest.Source(newLog), connectortest.Endless(time.Minute), connectortest.From(first.State))
		assert.Len(t, second.Rows("entries"), 1, "the row at the cursor is read again")
	})
}

// onlyRules returns options that skip all other subtests.
func onlyRules(all []string, names ...string) (opts []connectortest.Option) {
	for _, name := range all {
		if !slices.Contains(names, name) {
			opts = append(opts, connectortest.Skip(name, "not under test"))
		}
	}
	return opts
}

// roundTripperOf makes a handler a network in real time.
func roundTripperOf(h http.Handler) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) { return roundTrip(h, r) })
}

type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
