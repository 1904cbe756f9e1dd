package fivetran

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A logHandler writes records as the JSON lines that Fivetran reads. It gives the message and
// the attributes of a record to a text handler and puts that text into the line, because a line
// has no other place for attributes.
type logHandler struct {
	text slog.Handler
	sink *logSink
}

// A logSink receives the text of one record at a time.
type logSink struct {
	mu      sync.Mutex
	w       io.Writer
	dialect Dialect
	text    bytes.Buffer
}

func newLogHandler(w io.Writer, lowest slog.Level, d Dialect) slog.Handler {
	sink := &logSink{w: w, dialect: d}
	return &logHandler{slog.NewTextHandler(&sink.text, &slog.HandlerOptions{Level: lowest}), sink}
}

// textHead is what a text handler writes before the attributes of a record of the level Info
// without a time and a message. The message and the level have their own places in a line.
const textHead = `level=INFO msg=""`

// Enabled implements slog.Handler.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.text.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	s := h.sink
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Reset()
	attrs := slog.NewRecord(time.Time{}, slog.LevelInfo, "", r.PC)
	r.Attrs(func(a slog.Attr) bool {
		attrs.AddAttrs(a)
		return true
	})
	if err := h.text.Handle(ctx, attrs); err != nil {
		return err
	}
	text := strings.TrimSuffix(strings.TrimPrefix(s.text.String(), textHead), "\n")
	return s.write(r.Level, r.Message+text)
}

// write writes one line.
func (s *logSink) write(level slog.Level, message string) error {
	origin, value := `"message-origin"`, `"sdk_connector"`
	if s.dialect == ConnectorSDK {
		origin, value = `"message_origin"`, `"connector_sdk"`
	}
	line := rawjson.AppendString([]byte(`{"level":"`+s.level(level)+`","message":`), message)
	_, err := s.w.Write(append(line, `,`+origin+`:`+value+"}\n"...))
	return err
}

// level returns the platform's name of a level. The Partner SDK has three.
func (s *logSink) level(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "SEVERE"
	case level >= slog.LevelWarn:
		return "WARNING"
	case level < slog.LevelInfo && s.dialect == ConnectorSDK:
		return "DEBUG"
	}
	return "INFO"
}

// WithAttrs implements slog.Handler.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.text.WithAttrs(attrs), h.sink}
}

// WithGroup implements slog.Handler.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.text.WithGroup(name), h.sink}
}
