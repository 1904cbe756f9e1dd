package singer_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

// golden compares lines with a golden file. Times and versions are replaced.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	got = times.ReplaceAllStringFunc(got, func(text string) string {
		name, _, _ := strings.Cut(text, ":")
		return name + `:"…"`
	})
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// A typed connector has a table with a column of each type, one with a key of two
// columns, and one without a key.
type typed struct {
	fixture.Shop
	several bool // the tables are in two schemas
}

func (c *typed) Schema(context.Context) (schema.Schema, error) {
	columns := []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}
	for t := schema.TypeBoolean; t <= schema.TypeJSON; t++ {
		columns = append(columns, schema.Column{Name: "c_" + strings.ToLower(t.String()), Type: t, Nullable: true})
	}
	pairs := []schema.Column{{Name: "day", Type: schema.TypeNaiveDate, PrimaryKey: true}, {Name: "sku", Type: schema.TypeString, PrimaryKey: true}}
	events := schema.Table{Name: "events", Columns: []schema.Column{{Name: "text", Type: schema.TypeString}}}
	if !c.several {
		return schema.New("shop", schema.Table{Name: "values", Columns: columns}, schema.Table{Name: "pairs", Columns: pairs}, events)
	}
	one, err := schema.New("one", schema.Table{Name: "pairs", Columns: pairs}, events)
	two, err2 := schema.New("two", events)
	if err = errors.Join(err, err2); err != nil {
		return nil, err
	}
	return schema.Join(one, two)
}

func TestTheCatalogHasEachTypeAndItsMetadata(t *testing.T) {
	lines, err := output(t, &typed{}, call{args: []string{"--discover"}})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	golden(t, "discover.json", lines)
	lines, err = output(t, &typed{several: true}, call{args: []string{"-d"}})
	require.NoError(t, err)
	golden(t, "discover_several.json", lines)
}

func TestEachOperationHasItsMessage(t *testing.T) {
	c := &typed{}
	c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
		at := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
		row := map[string]any{
			"id": 9007199254740993, "c_boolean": true, "c_short": 1, "c_int": 2, "c_long": 3, "c_float": 0.5, "c_double": 1e300, "c_decimal": "2598.770",
			"c_naive_date": at, "c_naive_datetime": at, "c_utc_datetime": at, "c_binary": []byte{0, 255}, "c_xml": "<a/>", "c_string": "é\n", "c_json": []int{1, 2},
		}
		return errors.Join(out.Upsert("values", row), out.Upsert("events", map[string]any{"text": "again"}),
			st.Table("values").Set("cursor", 9007199254740993), st.Table("values").Set("pages", map[string]any{"a": []int{1}}), st.Shared().Set("at", 1),
			out.Checkpoint(),
			out.Delete("values", map[string]any{"id": 7, "c_string": "not a key"}), out.Delete("pairs", map[string]any{"day": "2026-01-02", "sku": "a"}),
			out.Truncate("events"), out.Upsert("events", map[string]any{"text": "after"}),
			out.Declare(schema.Table{Name: "late", Columns: []schema.Column{{Name: "id", Type: schema.TypeInt, PrimaryKey: true}}}),
			out.Upsert("late", []byte(`{"id":1}`)), out.Warn("a tag was too long"))
	}
	lines, err := output(t, c, call{config: withKey})
	require.NoError(t, err)
	golden(t, "sync.jsonl", lines)
}

func TestTheDescriptionHasTheSettings(t *testing.T) {
	for name, args := range map[string][]string{
		"about.json": {"--about", "--format", "json"}, "about.txt": {"--about"}, "version.txt": {"--version"},
	} {
		var out []string
		text, err := rawOutput(t, &fixture.Shop{}, args...)
		require.NoError(t, err)
		out = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		golden(t, name, out)
	}
}
