//go:build unix

package stdin_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// beFlood says that it is ready before it delivers without end.
func beFlood() {
	penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		fmt.Fprintln(os.Stderr, "ready")
		return syncEndlessly(ctx, st, out)
	}}, host.CheckpointEvery(time.Millisecond, 100))
}

// startStuck starts a sync whose reader takes nothing, and tells it to end.
func startStuck(t *testing.T) (reader *os.File, signalled time.Time, wait func() int) {
	t.Helper()
	reader, writer := fullPipe(t)
	cmd := binary(t, "flood")
	cmd.Stdin, cmd.Stdout = strings.NewReader(fixture.WithKey), writer
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	log := bufio.NewReader(stderr)
	for line := ""; !strings.Contains(line, "ready"); {
		line, err = log.ReadString('\n')
		require.NoError(t, err)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	signalled = time.Now()
	return reader, signalled, func() int {
		_, _ = io.Copy(io.Discard, log)
		return exitCode(t, cmd.Wait())
	}
}

func TestAProcessWhoseReaderIsStuckEndsWithinItsDeadline(t *testing.T) {
	t.Parallel()
	_, signalled, wait := startStuck(t)
	assert.Equal(t, 1, wait())
	took := time.Since(signalled)
	assert.Greater(t, took, 3*time.Second, "the reader has the deadline to come back")
	assert.Less(t, took, 9*time.Second, "4.5 seconds, on an idle machine")
}

func TestAReaderThatComesBackWithinTheDeadlineGetsTheLastState(t *testing.T) {
	t.Parallel()
	reader, _, wait := startStuck(t)
	// The last lines wait for it: it is the reader that ends the process.
	answer := readAll(t, reader)
	assert.Equal(t, 1, wait())
	lines := strings.Split(strings.TrimLeft(answer, "\x00"), "\n")
	require.GreaterOrEqual(t, len(lines), 3)
	last := len(lines) - 2 // after the last line end there is nothing
	assert.Contains(t, lines[last], `"SEVERE","message":"interrupted by signal terminated`)
	assert.Contains(t, lines[last-1], `{"type":"STATE"`)
	assert.InDelta(t, highestID(t, lines[:last]), cursorOf(t, lines[last-1]), 1, "the last state covers the rows")
}
