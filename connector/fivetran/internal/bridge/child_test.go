package bridge_test

import (
	"context"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/bridge"
)

func TestACommandThatIsNotASourceIsReported(t *testing.T) {
	own, err := os.Executable()
	require.NoError(t, err)
	a := ask(t.Context(), t, syncRequest, bridge.Options{Command: []string{own, "-test.run=^$"}})
	assert.Contains(t, severe(t, a), "the source exited before it listened on 127.0.0.1:")
	assert.Contains(t, severe(t, a), "exit status 0; see what it has printed")
	a = ask(t.Context(), t, syncRequest, bridge.Options{Command: []string{"no-such-program"}})
	assert.Contains(t, severe(t, a), "start the source: ")
	assert.Equal(t, connector.Configuration, connector.KindOf(a.err))
}

func TestASourceThatDoesNotListenIsStoppedWithTheRequest(t *testing.T) {
	own, err := os.Executable()
	require.NoError(t, err)
	t.Setenv(envChild, "1")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	printed, output := io.Pipe()
	text := make(chan string, 1)
	go func() {
		b := make([]byte, 100)
		n, _ := printed.Read(b)
		text <- string(b[:n])
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal terminated"))
		_, _ = io.Copy(io.Discard, printed)
	}()
	a := ask(ctx, t, syncRequest, bridge.Options{Command: []string{own, "--port={port}"}, Output: output})
	assert.Equal(t, "interrupted by signal terminated", severe(t, a))
	assert.Regexp(t, `^started with --port=\d+\n$`, <-text)
	require.NoError(t, output.Close())
}
