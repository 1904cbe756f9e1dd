package connectortest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// fakeTB records the failure of a test.
type fakeTB struct {
	testing.TB
	failure string
}

func (t *fakeTB) Helper() {}

func (t *fakeTB) Errorf(s string, a ...any) { t.failure = fmt.Sprintf(s, a...) }

func (t *fakeTB) Fatalf(s string, a ...any) { panic(fmt.Sprintf(s, a...)) }

func (t *fakeTB) Fatal(a ...any) { panic(fmt.Sprint(a...)) }

func updating(t *testing.T, on string) {
	t.Helper()
	require.NoError(t, flag.Set("connectortest.update", on))
	t.Cleanup(func() { require.NoError(t, flag.Set("connectortest.update", "false")) })
}

func goldenResult(t *testing.T, name string) *connectortest.Result {
	t.Helper()
	return connectortest.Sync(t, &script{tables: []schema.Table{keyed, events}, sync: func(st state.State, out connector.Emitter) error {
		_ = out.Upsert("keyed", map[string]any{"id": 1, "name": name})
		_ = out.Upsert("events", map[string]any{"what": "<e>"})
		_ = out.Upsert("keyed", map[string]any{"id": 2})
		_ = out.Delete("keyed", map[string]any{"id": 3})
		_ = st.Table("keyed").Set("n", 2)
		return out.Warn("mind the gap")
	}})
}

func TestGoldenWritesAndCompares(t *testing.T) {
	t.Setenv("CI", "")
	path := filepath.Join(t.TempDir(), "testdata", "all.jsonl")
	updating(t, "true")
	connectortest.Golden(t, goldenResult(t, "a"), path)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, `{"op":"upsert","table":"events","row":{"what":"<e>"}}
{"op":"upsert","table":"keyed","row":{"id":1,"name":"a"}}
{"op":"upsert","table":"keyed","row":{"id":2}}
{"op":"delete","table":"keyed","row":{"id":3}}
{"op":"warning","message":"mind the gap"}
{"op":"checkpoint","state":{"keyed":{"n":2}}}
`, string(text))

	updating(t, "false")
	connectortest.Golden(t, goldenResult(t, "a"), path)
	fake := &fakeTB{TB: t}
	connectortest.Golden(fake, goldenResult(t, "b"), path)
	assert.Equal(t, `the sync differs from `+path+` (- want, + got):
    - line 2: {"op":"upsert","table":"keyed","row":{"id":1,"name":"a"}}
    + line 2: {"op":"upsert","table":"keyed","row":{"id":1,"name":"b"}}
if the change is intended, run go test -connectortest.update`, fake.failure)
}

func TestGoldenOmitsVolatileColumns(t *testing.T) {
	t.Setenv("CI", "")
	path := filepath.Join(t.TempDir(), "all.jsonl")
	updating(t, "true")
	connectortest.Golden(t, goldenResult(t, "a"), path, "keyed.name")
	updating(t, "false")
	connectortest.Golden(t, goldenResult(t, "b"), path, "keyed.name")
}

func TestGoldenIsNotWrittenInContinuousIntegration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "all.jsonl")
	missing := func() { connectortest.Golden(&fakeTB{TB: t}, goldenResult(t, "a"), path) }
	assert.Panics(t, missing, "there is no file")
	t.Setenv("CI", "true")
	updating(t, "true")
	assert.PanicsWithValue(t, "golden file: -connectortest.update is refused in continuous integration: write the file on your machine, so that its change is reviewed", missing)
	assert.NoFileExists(t, path)
}
