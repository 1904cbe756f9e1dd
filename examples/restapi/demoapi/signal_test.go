//go:build unix

package main

import (
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain runs the program instead of the tests if an environment variable is set.
func TestMain(m *testing.M) {
	if os.Getenv("DEMOAPI_TEST_AS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestSignalsEndTheProgramCleanly(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		stderr, w, err := os.Pipe()
		require.NoError(t, err)
		t.Cleanup(func() { _ = stderr.Close() }) // it was only read
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0")
		cmd.Env = append(os.Environ(), "DEMOAPI_TEST_AS_PROGRAM=1")
		cmd.Stderr = w
		require.NoError(t, cmd.Start())
		require.NoError(t, w.Close()) // the program has its own copy
		_, header, url := readExample(t, stderr)
		status, _ := get(t, header, url) // the connection remains open
		assert.Equal(t, http.StatusOK, status)
		require.NoError(t, cmd.Process.Signal(signal))
		assert.NoError(t, cmd.Wait(), "after %v", signal)
	}
}
