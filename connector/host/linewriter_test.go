package host_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
)

func TestALineWriterRefusesLinesAfterClose(t *testing.T) {
	lines := host.NewLineWriter(t.Context(), io.Discard, func() time.Duration { return time.Second })
	require.NoError(t, lines.Close())
	require.Error(t, lines.Line("", []byte("late"), ""))
	require.Error(t, lines.Flush())
	require.Error(t, lines.Close())
}

func TestALineWriterRefusesLinesAfterAWriteThatOutlastedClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r, w := io.Pipe()
		lines := host.NewLineWriter(ctx, w, func() time.Duration { return time.Second })
		require.NoError(t, lines.Line("", []byte("first"), ""))
		require.Error(t, lines.Close(), "the reader does not read")
		line := make([]byte, 100)
		n, err := r.Read(line)
		require.NoError(t, err)
		require.Equal(t, "first\n", string(line[:n]))
		synctest.Wait() // until the write has ended
		require.Error(t, lines.Line("", []byte("late"), ""))
	})
}
