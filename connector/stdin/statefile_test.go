//go:build unix

package stdin_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// beOne delivers one row and a checkpoint.
func beOne() {
	penstock.Main(&fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		if err := errors.Join(out.Upsert("orders", fixture.NewOrder(1)), st.Shared().Set("at", 1)); err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "checkpoint next")
		return out.Checkpoint()
	}}, fixture.Each)
}

// A state file must not cover rows that were not written. While nobody reads the
// standard output, the rows are not written, and a sync that resumed from the file
// would lose them.
func TestTheStateFileIsNotReplacedBeforeItsRowsAreWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, statePath := filepath.Join(dir, "config.json"), filepath.Join(dir, "state.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"api_key":"key-0123456789"}`), 0o600))
	reader, writer := fixture.FullPipe(t)
	cmd := binary(t, "one", "sync", "--config", config, "--state", statePath)
	cmd.Stdout = writer
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.NoError(t, writer.Close())
	// The row and its checkpoint fit into the buffer of the process. It waits for
	// the reader only because it flushes before it replaces the file.
	log := bufio.NewReader(io.LimitReader(stderr, 1<<20))
	for line := ""; !strings.Contains(line, "checkpoint next"); {
		line, err = log.ReadString('\n')
		require.NoError(t, err)
	}
	assert.NoFileExists(t, statePath, "the writer is stuck")
	// The reader disconnects without reading. A process that replaces the file
	// without a flush would have replaced it before it ends.
	require.NoError(t, reader.Close())
	rest, err := io.ReadAll(log)
	require.NoError(t, err)
	assert.Equal(t, 1, exitCode(t, cmd.Wait()))
	assert.Contains(t, string(rest), "broken pipe")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "the state file was written, but the rows that it covers were not")
	assert.Equal(t, filepath.Base(config), entries[0].Name())
}
