package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

const restapi = "../../../../examples/restapi"

// build builds a package and returns the path of the program.
func build(t *testing.T, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name+".exe") // a name that is valid on every system
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"build", "-o", path}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// buildSource builds the example restapi with the host of this module, as an author adds it.
func buildSource(t *testing.T) string {
	t.Helper()
	main, err := filepath.Abs(filepath.Join(restapi, "main.go"))
	require.NoError(t, err)
	text, err := os.ReadFile(main)
	require.NoError(t, err)
	for old, added := range map[string]string{
		"penstock.Main(&Connector{PageSize: 500})":         "penstock.Main(&Connector{PageSize: 500}, fivetran.Host)",
		"\"github.com/penstock-sdk/penstock/connector\"\n": "\"github.com/penstock-sdk/penstock/connector\"\n\t\"github.com/penstock-sdk/penstock/connector/fivetran\"\n",
	} {
		require.Equal(t, 1, bytes.Count(text, []byte(old)), old)
		text = bytes.Replace(text, []byte(old), []byte(added), 1)
	}
	dir := t.TempDir()
	replaced, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(replaced, text, 0o600))
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {main: replaced}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, replace, 0o600))
	return build(t, "source", "-overlay", overlay, restapi)
}

var listening = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// startSource starts the program as a gRPC source and returns its address.
func startSource(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "fivetran", "--address", "127.0.0.1", "--port", "0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	addresses, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for log := bufio.NewScanner(out); log.Scan(); {
			if address := listening.FindString(log.Text()); address != "" {
				select {
				case addresses <- address:
				default: // a later line
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait() // it was killed
	})
	select {
	case address := <-addresses:
		return address
	case <-ended:
		require.FailNow(t, "the source does not say where it listens")
	}
	return ""
}

const key = "key-0123456789"

// startShop starts the shop's API and returns the configuration of the example.
func startShop(t *testing.T, orders int) json.RawMessage {
	t.Helper()
	server := httptest.NewServer(shop.New(shop.Config{APIKey: key, Customers: 10, Orders: orders}))
	t.Cleanup(server.Close)
	return json.RawMessage(fmt.Sprintf(`{"api_key":%q,"base_url":%q}`, key, server.URL))
}

// lines runs a program with a request and returns what it answers.
func lines(t *testing.T, secrets json.RawMessage, action, program string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"secrets":%s,"selection":{"action":%q}}`, secrets, action))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// byTable returns the rows of each table in the order of the lines, and the last state.
func byTable(t *testing.T, lines []string) (rows map[string][]string, state string) {
	t.Helper()
	rows = map[string][]string{}
	reader := stdin.NewReader(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	for range lines {
		line, err := reader.Next()
		require.NoError(t, err)
		switch line.Kind {
		case stdin.Record:
			name := line.Schema + "." + line.Table
			rows[name] = append(rows[name], line.Op.String()+" "+string(line.Row))
		case stdin.State:
			state = string(line.State)
		}
	}
	return rows, state
}

func TestTheTablesOfAConnectorOverGRPCAreThoseOfItsOwnProtocol(t *testing.T) {
	source, bridge, secrets := buildSource(t), build(t, "fivetran-bridge", "."), startShop(t, 4500)
	address := startSource(t, source)

	want, wantState := byTable(t, lines(t, secrets, "sync", source))
	got, gotState := byTable(t, lines(t, secrets, "sync", bridge, "--schema", "shop", address))
	require.Greater(t, len(want["shop.orders"]), 4000)
	for table, rows := range want {
		assert.ElementsMatch(t, rows, got[table], table)
	}
	assert.Len(t, got, len(want))
	assert.JSONEq(t, wantState, gotState)

	schema := lines(t, secrets, "schema", bridge, "--schema", "shop", address)
	tables, err := stdin.ParseSchema([]byte(schema[0]))
	require.NoError(t, err)
	assert.Len(t, tables, 3)
}

func TestRunBinaryTestsAGRPCSource(t *testing.T) {
	bridge, secrets := build(t, "fivetran-bridge", "."), startShop(t, 600)
	t.Setenv("FIVETRAN_SOURCE", startSource(t, buildSource(t)))
	connectortest.RunBinary(t, bridge, secrets, connectortest.Restarts(3))
}

func TestTheBridgeStartsTheSourceItself(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program is a script of a Unix shell")
	}
	bridge, secrets := build(t, "fivetran-bridge", "."), startShop(t, 600)
	program := filepath.Join(t.TempDir(), "program")
	script := fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" -- %s fivetran --address 127.0.0.1 --port {port}\n", bridge, buildSource(t))
	require.NoError(t, os.WriteFile(program, []byte(script), 0o700)) //nolint:gosec // it is run
	connectortest.RunBinary(t, program, secrets, connectortest.Restarts(1))
}

func TestTheCommandLineIsChecked(t *testing.T) {
	bridge := build(t, "fivetran-bridge", ".")
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--help"}, 0, "penstock sync -- fivetran-bridge [flags] HOST:PORT"},
		{[]string{"--version"}, 0, "fivetran-bridge "},
		{nil, 2, "name the address of a source, such as localhost:50051"},
		{[]string{"a:1", "--", "source"}, 2, "name the address of a source or its command, not both"},
		{[]string{"--port", "1"}, 2, "flag provided but not defined: -port"},
		{[]string{"--log-level", "loud", "a:1"}, 2, "loud"},
		{[]string{"a:1", "b:2"}, 2, "Run fivetran-bridge --help for usage."},
	} {
		cmd := exec.CommandContext(t.Context(), bridge, c.args...)
		out, _ := cmd.CombinedOutput() // the status is checked below
		assert.Contains(t, string(out), c.want)
		assert.Equal(t, c.status, cmd.ProcessState.ExitCode(), "%q", c.args)
	}
}
