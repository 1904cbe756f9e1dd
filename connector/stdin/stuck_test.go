//go:build unix

package stdin_test

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

func beFlood() {
	penstock.Main(&fixture.Shop{OnSync: fixture.SyncWhenReady}, host.CheckpointEvery(time.Millisecond, 100))
}

// briefDeadline is the deadline of beBrief.
const briefDeadline = 600 * time.Millisecond

// beBrief is beFlood with a short deadline.
func beBrief() {
	host.Main(&fixture.Shop{OnSync: fixture.SyncWhenReady}, stdin.HostWithDeadline(briefDeadline), host.CheckpointEvery(time.Millisecond, 100))
}

// startStuck starts a sync whose output nobody reads, and sends it a signal.
func startStuck(t *testing.T, name string) (reader *os.File, signalled time.Time, wait func() int) {
	t.Helper()
	reader, writer := fixture.FullPipe(t)
	cmd := binary(t, name)
	cmd.Stdin, cmd.Stdout = strings.NewReader(fixture.WithKey), writer
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	log := fixture.AwaitReady(t, stderr)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	signalled = time.Now()
	return reader, signalled, func() int {
		_, _ = io.Copy(io.Discard, log)
		return exitCode(t, cmd.Wait())
	}
}

func TestAProcessWhoseReaderIsStuckEndsWithinItsDeadline(t *testing.T) {
	t.Parallel()
	_, signalled, wait := startStuck(t, "brief")
	assert.Equal(t, 1, wait())
	took := time.Since(signalled)
	assert.Greater(t, took, briefDeadline/2, "the reader has until shortly before the deadline to read again")
	assert.Less(t, took, briefDeadline+4*time.Second, "the deadline, on an idle machine")
}

func TestTheDefaultDeadlineIsFourAndAHalfSeconds(t *testing.T) {
	needsLong(t)
	t.Parallel()
	_, signalled, wait := startStuck(t, "flood")
	assert.Equal(t, 1, wait())
	took := time.Since(signalled)
	assert.Greater(t, took, 3*time.Second, "the reader has until shortly before the deadline to read again")
	assert.Less(t, took, 9*time.Second, "4.5 seconds, on an idle machine")
}

func TestAReaderThatReadsAgainWithinTheDeadlineReceivesTheLastState(t *testing.T) {
	t.Parallel()
	reader, _, wait := startStuck(t, "flood")
	// The process waits for the reader to write its last lines.
	answer := readAll(t, reader)
	assert.Equal(t, 1, wait())
	lines := strings.Split(strings.TrimLeft(answer, "\x00"), "\n")
	require.GreaterOrEqual(t, len(lines), 3)
	last := len(lines) - 2 // the text after the last line end is empty
	assert.Contains(t, lines[last], `"SEVERE","message":"interrupted by signal terminated`)
	assert.Contains(t, lines[last-1], `{"type":"STATE"`)
	assert.InDelta(t, highestID(t, lines[:last]), cursorOf(t, lines[last-1]), 1, "the last state covers the rows")
}
