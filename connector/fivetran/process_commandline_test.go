//go:build unix

package fivetran_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/internal/fixture"
)

// program returns the command of one of the programs of this test binary, with any arguments.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	return fixture.Program(t, "mixed", append([]string{"shop"}, args...)...)
}

func TestAPortInUseIsReported(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	require.NoError(t, err)
	status, stdout, stderr := run(t, program(t, "fivetran", "--address", "127.0.0.1", "--port", port))
	assert.Equal(t, 1, status)
	levels := logLines(t, strings.Split(strings.TrimSpace(stdout), "\n"), "message-origin", "sdk_connector")
	assert.Equal(t, "SEVERE", levelOf(t, levels, "address already in use; choose another port with --port"))
	assert.Empty(t, stderr)
}

func TestAServerListensOnTheGivenAddress(t *testing.T) {
	t.Parallel()
	server := startServer(t, program(t, "fivetran", "--address", "127.0.0.1", "--port", "0"))
	host, _, err := net.SplitHostPort(server.address)
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", host)

	all := startServer(t, program(t, "fivetran", "--port", "0"))
	_, port, err := net.SplitHostPort(all.address)
	require.NoError(t, err)
	assert.NotEqual(t, "0", port)
	for _, address := range []string{"127.0.0.1", "::1"} {
		t.Run(address, func(t *testing.T) {
			if l, err := net.Listen("tcp", net.JoinHostPort(address, "0")); err != nil {
				t.Skip("the machine does not have the address")
			} else {
				require.NoError(t, l.Close())
			}
			assert.NotEmpty(t, dial(t, net.JoinHostPort(address, port)).test(t, nil))
		})
	}
}

func TestAProgramCalledServerServes(t *testing.T) {
	t.Parallel()
	server := filepath.Join(t.TempDir(), "server")
	require.NoError(t, os.Symlink(built(t, "types"), server))
	for _, args := range [][]string{{"--port", "0"}, {"--port=0", "--address", "127.0.0.1"}, {"fivetran", "--port", "0"}, {"-port", "0", "--dialect", "connector-sdk"}} {
		s := startServer(t, exec.CommandContext(t.Context(), server, args...))
		_, port, err := net.SplitHostPort(s.address)
		require.NoError(t, err)
		assert.Empty(t, dial(t, net.JoinHostPort("127.0.0.1", port)).test(t, nil), args)
		s.signal(t, syscall.SIGTERM)
		assert.Zero(t, s.status())
	}
	// Without arguments, every program reads a request from standard input.
	cmd := exec.CommandContext(t.Context(), server)
	cmd.Stdin = strings.NewReader(`{"selection":{"action":"schema"}}`)
	status, stdout, _ := run(t, cmd)
	assert.Zero(t, status)
	assert.Contains(t, stdout, `"schemas"`)
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, help := range []string{"--help", "-h"} {
		status, stdout, stderr := run(t, program(t, "fivetran", help))
		assert.Zero(t, status)
		assert.Empty(t, stderr)
		for _, text := range []string{"shop fivetran [--port PORT]", "--address", "--dialect", "--log-level", "kind", "airbyte", "not encrypted"} {
			assert.Contains(t, stdout, text)
		}
	}
	status, stdout, _ := run(t, program(t, "fivetran", "--version"))
	assert.Zero(t, status)
	assert.True(t, strings.HasPrefix(stdout, "shop "), stdout)
	assert.Equal(t, 1, strings.Count(stdout, "\n"))
}

func TestAnInvalidCommandLineIsAUsageError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--port", "key-0123456789"}, "invalid value of flag -port"},
		{[]string{"--port", "65536"}, "want a number from 0 to 65535"},
		{[]string{"--port", "-1"}, "want a number from 0 to 65535"},
		{[]string{"--port"}, "flag needs an argument"},
		{[]string{"--dialect", "other"}, "want partner-sdk or connector-sdk"},
		{[]string{"--log-level", "loud"}, "log level"},
		{[]string{"--nope"}, "nope"},
		{[]string{"serve"}, `unexpected argument "serve"`},
	} {
		status, stdout, stderr := run(t, program(t, append([]string{"fivetran"}, test.args...)...))
		assert.Equal(t, 2, status, test.args)
		assert.Empty(t, stdout, test.args)
		assert.Contains(t, stderr, test.want, test.args)
		assert.Contains(t, stderr, "--help", test.args)
		assert.NotContains(t, stderr, "key-0123456789")
	}
}
