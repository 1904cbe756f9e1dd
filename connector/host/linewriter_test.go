package host_test

import (
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
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

// A recorder records the calls of Write.
type recorder struct{ writes []string }

func (r *recorder) Write(p []byte) (int, error) {
	r.writes = append(r.writes, string(p))
	return len(p), nil
}

func TestOnceTheContextIsDoneEachLineIsWrittenWithACallOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var r recorder
		lines := host.NewLineWriter(ctx, &r, func() time.Duration { return time.Second })
		for _, text := range []string{"a", "b"} {
			require.NoError(t, lines.Line(text, nil, ""))
		}
		require.NoError(t, lines.Flush())
		cancel()
		for _, text := range []string{"c", "d"} {
			require.NoError(t, lines.Line(text, nil, ""))
		}
		require.NoError(t, lines.Close())
		assert.Equal(t, []string{"a\nb\n", "c\n", "d\n"}, r.writes)
	})
}

func TestALineDoesNotWaitForTheReaderOnceTheContextIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		lines := host.NewLineWriter(ctx, w, func() time.Duration { return time.Second })
		written := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				if lines.Line(strings.Repeat("x", 999), nil, "") != nil {
					return
				}
				written++
			}
		}()
		synctest.Wait()
		assert.Less(t, written, 200, "a reader that is not reading applies back pressure")
		cancel()
		<-done
		assert.Equal(t, 1000, written)
		var text []byte
		read := make(chan struct{})
		go func() {
			defer close(read)
			text, _ = io.ReadAll(r)
		}()
		require.NoError(t, lines.Close())
		require.NoError(t, w.Close())
		<-read
		assert.Len(t, text, 1_000_000)
	})
}

func TestAnErrorOfAWriteSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err   error
		kind  connector.Kind
		says  string
		write func([]byte) (int, error)
	}{
		{err: syscall.ENOSPC, kind: connector.Transient, says: "the disk is full"},
		{err: syscall.EDQUOT, kind: connector.Transient, says: "the disk quota is used up"},
		{err: syscall.EFBIG, kind: connector.Transient, says: "the file must not become larger"},
		{err: syscall.EBADF, kind: connector.Configuration, says: "not open for writing"},
		{err: os.ErrClosed, kind: connector.Configuration, says: "not open for writing"},
		{err: syscall.EPIPE, kind: connector.Interrupted, says: "write the response"},
		{err: io.ErrShortWrite, kind: connector.Interrupted, says: "short write", write: func(p []byte) (int, error) { return len(p) - 1, nil }},
	} {
		write := c.write
		if write == nil {
			write = func([]byte) (int, error) { return 0, &os.PathError{Op: "write", Path: "out", Err: c.err} }
		}
		lines := host.NewLineWriter(t.Context(), writerFunc(write), func() time.Duration { return time.Second })
		require.NoError(t, lines.Line("a", nil, ""))
		run := host.New(t.Context(), &fixture.Shop{}, fixture.Quiet)
		err := run.Finish(nil, lines, nil)
		require.ErrorIs(t, err, c.err)
		assert.Equal(t, c.kind, connector.KindOf(err), c.says)
		assert.Contains(t, run.Explain(err), c.says)
		assert.NotContains(t, run.Explain(err), "check the configuration")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
