//go:build unix

package stdin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func init() {
	programs["talkative"] = func() { beTalkative() }
	programs["talkative with its own handler"] = func() { beTalkative(host.LogTo(slog.NewTextHandler(os.Stderr, nil))) }
	programs["talkative without end"] = beTalkativeWithoutEnd
}

// talkativeRows is the number of rows of beTalkative.
const talkativeRows = 1000

// beTalkative logs more than a pipe holds, and fails.
func beTalkative(opts ...host.Option) {
	penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		for id := range int64(talkativeRows) {
			connector.Logger(ctx).Info("delivering", "id", id, "padding", []string{strings.Repeat("x", 500)})
			if err := out.Upsert("orders", fixture.NewOrder(id+1)); err != nil {
				return err
			}
		}
		return errors.New("the source is on fire")
	}}, opts...)
}

// beTalkativeWithoutEnd logs and delivers rows until it is told to end.
func beTalkativeWithoutEnd() {
	penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "orders", state.Sorted())
		for id := int64(1); ; id++ {
			slog.Info("delivering", "id", id, "padding", strings.Repeat("x", 500))
			if err := out.Upsert("orders", fixture.NewOrder(id)); err != nil {
				return err
			}
			cursor.Advance(id)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
	}}, host.CheckpointEvery(0, 0))
}

func TestALogThatNobodyReadsDoesNotStopASyncOrDelayItsFailure(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"talkative", "talkative with its own handler"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, log := fixture.FullPipe(t)
			cmd := binary(t, name)
			cmd.Stdin, cmd.Stderr = strings.NewReader(fixture.WithKey), log
			out, err := cmd.Output() // hangs until the test times out if the process does not end
			assert.Equal(t, 1, exitCode(t, err))
			lines := fixture.Lines(t, string(out))
			assert.Contains(t, lines[len(lines)-1], `"SEVERE","message":"the source is on fire`)
			assert.Equal(t, int64(talkativeRows), highestID(t, lines))
		})
	}
}

func TestALogThatIsReadAfterTheResponseContainsTheFailure(t *testing.T) {
	t.Parallel()
	log, writer, err := os.Pipe()
	require.NoError(t, err)
	defer log.Close()
	cmd := binary(t, "talkative")
	cmd.Stdin, cmd.Stderr = strings.NewReader(fixture.WithKey), writer
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	lines := fixture.Lines(t, readAll(t, stdout)) // the process closes it although it has not ended
	assert.Contains(t, lines[len(lines)-1], "the source is on fire")
	records := fixture.Lines(t, readAll(t, log))
	assert.Equal(t, 1, exitCode(t, cmd.Wait()))
	assert.Contains(t, records[len(records)-1], "the source is on fire")
	incomplete := 0
	last := -1
	for i, record := range records {
		var id int
		if _, err := fmt.Sscanf(record[strings.Index(record, `"msg":`):], `"msg":"delivering","id":%d`, &id); err == nil {
			assert.Greater(t, id, last, "the order of the records")
			last = id
			assert.Contains(t, record, `"padding":`)
		}
		if strings.Contains(record, "the log is incomplete") {
			incomplete++
			assert.Contains(t, record, `"missing_records":`)
			assert.Greater(t, i, 10)
		}
	}
	assert.Equal(t, 1, incomplete, "a record says that others are missing")
	assert.Equal(t, talkativeRows-1, last, "the newest records are kept")
}

func TestALogThatNobodyReadsDoesNotDelayTheEndAfterASignal(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			_, log := fixture.FullPipe(t)
			cmd := binary(t, "talkative without end")
			cmd.Stdin, cmd.Stderr = strings.NewReader(fixture.WithKey), log
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			first := make([]byte, 100)
			_, err = io.ReadFull(stdout, first)
			require.NoError(t, err)
			require.NoError(t, cmd.Process.Signal(sig))
			lines := fixture.Lines(t, string(first)+readAll(t, stdout))
			assert.Equal(t, 1, exitCode(t, cmd.Wait()))
			last := len(lines) - 1
			assert.Contains(t, lines[last], "interrupted by signal "+sig.String())
			assert.InDelta(t, highestID(t, lines), cursorOf(t, lines[last-1]), 1, "the last state covers the rows")
		})
	}
}

func TestMessagesThatNobodyReadsDoNotStopAProcess(t *testing.T) {
	t.Parallel()
	for redirection, args := range map[string][]string{"": {"unknown"}, ">&-": {"schema"}, "1</dev/null": {"stdin"}} {
		t.Run(strings.Join(args, " ")+redirection, func(t *testing.T) {
			t.Parallel()
			_, log := fixture.FullPipe(t)
			cmd := redirected(binary(t, "short", args...), redirection)
			cmd.Stdin, cmd.Stderr = strings.NewReader(fixture.WithKey), log
			cmd.Stdout = new(bytes.Buffer)
			began := time.Now()
			assert.NotZero(t, exitCode(t, cmd.Run())) // hangs until the test times out if the process does not end
			assert.Less(t, time.Since(began), 30*time.Second)
		})
	}
}
