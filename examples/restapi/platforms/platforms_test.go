package platforms_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

// A platform runs the program over one wire and stores what it delivers.
type platform interface {
	// command returns the command of the next sync, from the last state.
	command(t *testing.T) *exec.Cmd
	// store stores a line of the program's output. It reports whether it is a record.
	store(t *testing.T, line []byte) (record bool)
	// tables returns the stored rows.
	tables() rowsByTable
}

// runSync runs a sync. If kill is positive, it kills the program after that number of
// lines, and what the program has written beyond them is lost. It returns the number of
// records.
func runSync(t *testing.T, p platform, kill int) (records int) {
	t.Helper()
	cmd := p.command(t)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewReader(out)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			require.ErrorIs(t, err, io.EOF)
			require.Empty(t, line, "the last line is not complete")
			break
		}
		if p.store(t, line) {
			records++
		}
		if n == kill {
			require.NoError(t, cmd.Process.Kill())
			break
		}
	}
	err = cmd.Wait()
	if kill == 0 {
		require.NoError(t, err, stderr.String())
	}
	return records
}

var tableNames = []string{"customers", "order_items", "orders"}

// program builds the program and returns its path.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "restapi.exe") // a name that is valid on every system
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "..").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// One program runs on three platforms, and each of them kills it in the middle of a sync.
// The source changes, and it is killed again. Every platform ends with the same tables.
func TestThePlatformsOfAllWiresHaveTheSameTables(t *testing.T) {
	api := shop.New(shop.Config{APIKey: "key-0123456789", Customers: 10, Orders: 4500})
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	config := map[string]any{"api_key": "key-0123456789", "base_url": srv.URL, "page_size": 500}
	path := program(t)
	names := []string{"stdin", "airbyte", "singer"}
	platforms := map[string]platform{
		"stdin":   &stdinPlatform{program: path, config: config, rows: rowsByTable{}},
		"airbyte": newAirbytePlatform(t, path, config),
		"singer":  newSingerPlatform(t, path, config),
	}
	wantEqual := func(orders int) {
		want := platforms["stdin"].tables()
		require.Len(t, want["customers"], 10)
		require.Len(t, want["orders"], orders)
		for _, name := range names {
			for _, table := range tableNames {
				assert.Equal(t, want[table], platforms[name].tables()[table], "%s over %s", table, name)
			}
		}
	}
	for _, name := range names {
		runSync(t, platforms[name], 11_500)
		rest := runSync(t, platforms[name], 0)
		assert.Less(t, rest, 5000, "%s: the sync did not resume from the last state", name)
	}
	wantEqual(4410)

	for _, order := range []int{0, 3, 250, 4499} {
		api.Touch(order)
	}
	for _, order := range []int{5, 250, 4498} {
		api.Delete(order)
	}
	for _, name := range names {
		runSync(t, platforms[name], 12)
		changed := runSync(t, platforms[name], 0)
		assert.Less(t, changed, 100, "%s: the sync delivered more than the changes", name)
	}
	wantEqual(4407)
	deleted := keyOf(map[string]json.RawMessage{"id": fmt.Appendf(nil, "%d", shop.FirstOrderID+5)})
	assert.NotContains(t, platforms["stdin"].tables()["orders"], deleted)
}
