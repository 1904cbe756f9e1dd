package singer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestATapTakesTheCommandLinesOfSingerOnly(t *testing.T) {
	for line, want := range map[string]bool{
		"--config c.json --discover": true, "--config c.json --catalog k.json --state s.json": true, "--config=c.json": true, "-c c.json": true,
		"-c c.json -d": true, "-c c.json -p k.json -s s.json": true, "--about --format json": true, "--about": true, "--version": true,
		"--help": true, "-h": true, "--test": true, "--test=schema": true, "--log-level debug --config c.json": true, "--config a --config b --discover": true,
		"--config sync": true, "--config ENV": true, "--config c.json --nope": true, "--test=records --config c.json": true,
		"--config c.json --test schema": true, "--test all --config c.json": true, "-test connection": true, "--test sync": false, "--test --config c.json": true,
		"sync": false, "schema": false, "spec": false, "test": false, "version": false, "help": false, "sync --config c.json --state s.json": false,
		"--config c.json sync": false, "--log-level debug sync": false, "--log-level debug": false, "--log-level debug --log-format json": false,
		"--selection s.json --config c.json sync": false, "--time-budget 30m sync --config c.json": false, "--nope": false, "fetch": false, "--": false,
		"--format text schema": false, "": false,
	} {
		assert.Equal(t, want, accepts(strings.Fields(line)), "%q", line)
	}
}

func TestAWrongCommandLineIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"":                                 "want flags such as",
		"--log-level debug":                "want flags such as",
		"--nope":                           "not defined: -nope",
		"--config":                         "needs an argument",
		"--config c.json sync":             `unexpected argument "sync"`,
		"--config ENV":                     "does not read its configuration from environment variables",
		"--config c.json --config=ENV":     "does not read its configuration from environment variables",
		"--config c.json --format json":    "--format can only be used with --about",
		"--about --format markdown":        `unknown format "markdown"; want json or text`,
		"--config c.json --test=records":   "want --test or --test=connection",
		"--config c.json --test records":   `unexpected argument "records"`,
		"--config c.json --discover=maybe": "invalid boolean value",
		"--config=":                        "--config needs the name of a file",
	} {
		_, err := parse(strings.Fields(line))
		require.ErrorContains(t, err, want, "%q", line)
	}
}

func TestTheModeOfATestMayFollowItsFlag(t *testing.T) {
	for line, want := range map[string]testMode{
		"--test": testConnection, "--test schema": testSchema, "--config c.json --test all": testConnection, "--test=schema --config c.json": testSchema,
		"--test schema --test connection": testConnection, "--config c.json": "", "-test schema -c c.json": testSchema,
	} {
		f, err := parse(strings.Fields(line))
		require.NoError(t, err, line)
		assert.Equal(t, want, f.test, line)
	}
}
