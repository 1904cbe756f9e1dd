package connectortest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestSkipPrintsItsReason(t *testing.T) {
	reports := connectortest.Record(t, &counter{Limit: 1},
		connectortest.Skip("Crash", "the source can be read only once"), connectortest.Skip("Crush", "a typo"))
	require.Len(t, reports["Crash"].Skips, 1)
	assert.Contains(t, reports["Crash"].Skips[0], "the source can be read only once\ncontract: ")
	assert.Contains(t, reports[""].String(), `there is no subtest "Crush"`)
}

func TestVolatileExcludesColumnsAndState(t *testing.T) {
	t.Parallel()
	for fault, except := range map[string]connectortest.Option{
		"a column that is not from the source":      connectortest.Volatile("accounts", "name"),
		"a state value that is not from the source": connectortest.VolatileState("accounts", "run"),
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			c, network := newReference(fault)
			for name, r := range connectortest.Record(t, c, connectortest.Network(network), except, restarts(8)) {
				assert.False(t, r.Failed(), "%s: %v", name, r)
			}
		})
	}
}

func TestRepeatsAllowsChangeLogs(t *testing.T) {
	t.Parallel()
	c := &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
		for _, name := range []string{"a", "b", "c"} {
			if err := out.Upsert("keyed", map[string]any{"id": 1, "name": name}); err != nil {
				return err
			}
		}
		return nil
	}}
	reports := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Sync"))
	assert.Contains(t, reports["Sync"].String(), "2 times, two different rows had the same primary key; the first:\n    id=1:")
	for name, r := range connectortest.Record(t, c, connectortest.Repeats("keyed")) {
		assert.False(t, r.Failed(), "%s: %v", name, r)
	}
}

func TestRestartsLimitsAndSeedRepeatsTheChoices(t *testing.T) {
	t.Parallel()
	run := func() *connectortest.Report {
		return connectortest.Record(t, &counter{Limit: 300}, connectortest.Restarts(5), connectortest.Seed(42), connectortest.Only(connectortest.RuleNames(), "Resume"))["Resume"]
	}
	assert.Equal(t, []string{"connectortest.Seed(42) repeats the random choices", "the test resumes from 5 of 301 checkpoints"}, run().Logs)
}

func TestOptionsThatDoNotApplyAreReported(t *testing.T) {
	handler := connectortest.Source(http.NotFoundHandler)
	for name, test := range map[string]struct {
		call func(t *fakeTB, opts ...connectortest.Option)
		opt  connectortest.Option
		want string
	}{
		"Sync": {func(t *fakeTB, opts ...connectortest.Option) { connectortest.Sync(t, &counter{Limit: 1}, opts...) },
			connectortest.Volatile("numbers", "n"), "the option Volatile does not apply to Sync: it applies to Run, RunBinary"},
		"Schema": {func(t *fakeTB, opts ...connectortest.Option) { connectortest.Schema(t, &counter{Limit: 1}, opts...) },
			connectortest.From(nil), "the option From does not apply to Schema: it applies to Sync"},
		"Test": {func(t *fakeTB, opts ...connectortest.Option) {
			assert.NoError(t, connectortest.Test(t, &counter{Limit: 1}, opts...))
		}, connectortest.Into(&connectortest.Platform{}), "the option Into does not apply to Test: it applies to Sync"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &fakeTB{TB: t}
			test.call(fake, test.opt)
			assert.Equal(t, test.want, fake.failure)
			fake.failure = ""
			test.call(fake, handler, connectortest.Network(http.DefaultTransport))
			assert.Contains(t, fake.failure, "Source and Network cannot be combined")
		})
	}
	reports := connectortest.Record(t, &counter{Limit: 1}, connectortest.Endless(-time.Second))
	assert.Equal(t, "the option Endless: the duration -1s is negative", reports[""].String())
	reports = connectortest.Record(t, &counter{Limit: 1}, connectortest.Select(host.Selection{}), connectortest.With())
	assert.Equal(t, "the option Select does not apply to Run: it applies to Sync\n"+
		"the option With does not apply to Run: it applies to Sync, Schema, Test", reports[""].String())
}
