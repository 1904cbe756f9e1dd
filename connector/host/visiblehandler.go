package host

import (
	"context"
	"encoding"
	"fmt"
	"log/slog"
	"strings"

	"github.com/penstock-sdk/penstock/internal/visible"
)

// A visibleHandler is a slog.Handler for a terminal. It escapes the characters that act on a
// terminal, because messages and values come from a source.
type visibleHandler struct{ slog.Handler }

// visibleLog escapes the text of records.
var visibleLog = logText{visibleText, func(v slog.Value) slog.Value {
	text := textOf(v.Any())
	if clean := visibleText(text); clean != text {
		return slog.StringValue(clean)
	}
	return v
}}

func (h visibleHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, visibleLog.record(r, visible.Indent(r.Message, "    ")))
}

func (h visibleHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return visibleHandler{h.Handler.WithAttrs(visibleLog.attrs(attrs))}
}

func (h visibleHandler) WithGroup(name string) slog.Handler {
	return visibleHandler{h.Handler.WithGroup(visibleText(name))}
}

// visibleText escapes the text of a value. Package tint writes the text \x1b in a value as
// the character that it stands for, so that character is escaped in another way.
func visibleText(text string) string {
	return strings.ReplaceAll(visible.Line(text), `\x1b`, `\u001b`)
}

// textOf returns the text that package tint writes for a value.
func textOf(v any) (text string) {
	text = fmt.Sprintf("%+v", v)
	if m, ok := v.(encoding.TextMarshaler); ok {
		defer func() { _ = recover() }() // of a method of a nil pointer
		if marshaled, err := m.MarshalText(); err == nil {
			text = string(marshaled)
		}
	}
	return text
}
