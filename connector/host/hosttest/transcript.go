package hosttest

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A transcript keeps a log.
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

func (t *transcript) option() host.Option {
	return host.LogTo(slog.NewJSONHandler(t, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
