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

// TestMain makes the test's binary the program itself when a test asks for it.
func TestMain(m *testing.M) {
	if os.Getenv("DEMOAPI_TEST_AS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestSignalsEndTheProgramCleanly(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		var stderr output
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-addr", "127.0.0.1:0")
		cmd.Env = append(os.Environ(), "DEMOAPI_TEST_AS_PROGRAM=1")
		cmd.Stderr = &stderr
		require.NoError(t, cmd.Start())
		header, url := stderr.example(t)
		status, _ := get(t, header, url) // whose connection stays open
		assert.Equal(t, http.StatusOK, status)
		require.NoError(t, cmd.Process.Signal(signal))
		assert.NoError(t, cmd.Wait(), "after %v", signal)
	}
}
