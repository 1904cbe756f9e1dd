package hosttest

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A transcript records a log. It is safe for concurrent use.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *transcript) bytes() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Clone(t.b.Bytes())
}

// option returns the option that writes the log of a run to the transcript.
func (t *transcript) option() host.Option {
	return host.LogTo(slog.NewJSONHandler(t, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
