package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorded returns the path of a connector that answers a sync with the given lines.
func recorded(t *testing.T, schema string, lines ...string) string {
	t.Helper()
	_ = tickets(t) // skips the test if there is no shell
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lines"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	script := fmt.Sprintf(`#!/bin/sh
case $(cat) in
*'"action":"spec"'*) echo '{}' ;;
*'"action":"schema"'*) echo '%s' ;;
*'"action":"test"'*) echo '{"status":"SUCCESS","message":"fine"}' ;;
*) cat %s/lines ;;
esac
`, schema, dir)
	path := filepath.Join(dir, "recorded.sh")
	require.NoError(t, os.WriteFile(path, []byte(script), 0o700)) //nolint:gosec // it is a program
	return path
}

// secrets returns shell code that prints a SECRETS line.
func secrets(members string) string {
	return `echo '{"type":"SECRETS","secrets":{` + members + `}}'` + "\n"
}

const (
	testAnswer = `echo '{"status":"SUCCESS","message":"fine"}'`
	aRow       = `echo '{"type":"RECORD","record":{"s":{"t":{"id":1,"a":"x"}}}}'` + "\n" + `echo '{"type":"STATE","state":{"n":1}}'` + "\n"
)

// A scripted connector answers each action with the output of shell code and records the
// requests.
type scripted struct {
	*testing.T
	path string
	dir  string
}

// newScripted returns a connector. By default, the answers describe a table s.t.
func newScripted(t *testing.T, scripts map[string]string) *scripted {
	t.Helper()
	_ = tickets(t) // skips the test if there is no shell
	s := &scripted{t, filepath.Join(t.TempDir(), "scripted.sh"), t.TempDir()}
	script := "#!/bin/sh\nrequest=$(cat)\n"
	for _, one := range [][2]string{
		{"spec", `echo '{"properties":{"token":{"x-rotates":true},"user":{}}}'`},
		{"test", `echo '{"status":"SUCCESS","message":"fine"}'`},
		{"schema", `echo '{"schemas":{"s":{"tables":{"t":{"columns":{"id":{"type":"LONG","primary_key":true},"a":{"type":"STRING"}}},"u":{"columns":{"id":{"type":"LONG","primary_key":true}}}}}}}'`},
		{"sync", `echo '{"type":"STATE","state":{}}'`},
	} {
		action, text := one[0], one[1]
		if own, ok := scripts[action]; ok {
			text = own
		}
		script += `case $request in *'"action":"` + action + `"'*)` + "\nprintf '%s\\n' \"$request\" >>'" + filepath.Join(s.dir, action) + "'\n" + text + "\n;;\nesac\n"
	}
	require.NoError(t, os.WriteFile(s.path, []byte(script), 0o700)) //nolint:gosec // it is a program
	return s
}

// A request holds the parts of a request that the tests check.
type request struct {
	Secrets   map[string]string
	Selection struct{ Tables json.RawMessage }
}

// requests returns the requests for an action.
func (s *scripted) requests(action string) (requests []request) {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, action))
	require.NoError(s, err)
	for line := range strings.Lines(string(text)) {
		var one request
		require.NoError(s, json.Unmarshal([]byte(line), &one))
		requests = append(requests, one)
	}
	return requests
}
