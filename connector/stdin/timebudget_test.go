//go:build unix

package stdin_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// beBudgeted is beEndless with a time budget.
func beBudgeted() {
	penstock.Main(&fixture.Shop{OnSync: fixture.SyncEndlessly}, host.CheckpointEvery(time.Millisecond, 100), host.TimeBudget(50*time.Millisecond))
}

func TestATimeBudgetEndsAProcessWithItsLastStateAndStatusZero(t *testing.T) {
	dir := t.TempDir()
	config, statePath := filepath.Join(dir, "config.json"), filepath.Join(dir, "state.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"api_key":"key-0123456789"}`), 0o600))
	for name, test := range map[string]struct {
		binary string
		args   []string
	}{
		"flag":                          {"endless", []string{"sync", "--config", config, "--time-budget", "50ms"}},
		"flag, with a file":             {"endless", []string{"sync", "--config", config, "--time-budget=50ms", "--state", statePath}},
		"option of Main, for a request": {"budgeted", nil},
		"option of Main, for a command": {"budgeted", []string{"sync", "--config", config}},
		"the flag overrides the option": {"budgeted", []string{"sync", "--config", config, "--time-budget", "51ms"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := binary(t, test.binary, test.args...)
			var out, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(fixture.WithKey), &out, &stderr
			require.NoError(t, cmd.Run(), stderr.String())
			lines := fixture.Lines(t, out.String())
			assert.Equal(t, fixture.LastState(lines), lines[len(lines)-1])
			assert.InDelta(t, highestID(t, lines), cursorOf(t, lines[len(lines)-1]), 1, "the last state covers the rows")
			budget := "50ms"
			if strings.Contains(name, "overrides") {
				budget = "51ms"
			}
			assert.Contains(t, stderr.String(), "the time budget of "+budget+" is used up")
		})
	}
}
