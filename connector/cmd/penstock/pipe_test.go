package main

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// On a busy machine, a deadline may pass before a reader has run. The output that the
// connector wrote before it exited must not be lost then.
func TestAnExpiredPipeIsReadToItsEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("pipes have no deadlines")
	}
	for _, expired := range []bool{true, false} {
		reading, writing, err := os.Pipe()
		require.NoError(t, err)
		p := newPipe(reading)
		data := bytes.Repeat([]byte("line\n"), 10_000)
		_, err = writing.Write(data)
		require.NoError(t, err)
		p.expired.Store(expired)
		require.NoError(t, p.file.SetReadDeadline(time.Unix(1, 0)))
		first := make([]byte, 10)
		_, err = io.ReadFull(p, first) // if it has not expired, it does so during this read
		require.NoError(t, err)
		p.expired.Store(true)
		rest, err := io.ReadAll(p)
		require.NoError(t, err)
		read := append(first, rest...)
		assert.Len(t, read, len(data))
		<-p.ended
		p.close()
		require.NoError(t, writing.Close())
	}
}
