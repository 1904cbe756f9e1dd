package transporttest

import (
	"log/slog"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/transport"
)

// A LogRecord records the output of its loggers. It is safe for concurrent use.
type LogRecord struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write records p.
func (l *LogRecord) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns the output up to now.
func (l *LogRecord) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Logger returns a logger that records all levels.
func (l *LogRecord) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Warnings returns an option that records the warnings and errors of a client.
func (l *LogRecord) Warnings() transport.Option {
	return transport.WithLogger(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// Quiet is a logger that discards everything.
var Quiet = slog.New(slog.DiscardHandler)
