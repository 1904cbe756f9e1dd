package transport_test

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/penstock-sdk/penstock/transport"
)

// warningLog keeps the lines of a client's log that are at least warnings.
type warningLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *warningLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *warningLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *warningLog) option() transport.Option {
	return transport.WithLogger(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn})))
}
