package host

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
)

// A redactingHandler is a slog.Handler that masks secrets.
type redactingHandler struct {
	slog.Handler
	redactor *redactor
}

func (h redactingHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.redactor.set.Load() == nil && h.redactor.pasted.isEmpty() {
		return h.Handler.Handle(ctx, r)
	}
	return h.Handler.Handle(ctx, h.logText().record(r, h.redactor.text(r.Message)))
}

func (h redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return redactingHandler{h.Handler.WithAttrs(h.logText().attrs(attrs)), h.redactor}
}

func (h redactingHandler) WithGroup(name string) slog.Handler {
	return redactingHandler{h.Handler.WithGroup(h.redactor.text(name)), h.redactor}
}

func (h redactingHandler) logText() logText { return logText{h.redactor.text, h.any} }

// any returns v unchanged unless one of the texts that handlers write for it contains a secret.
// Then it returns that text with the secret masked. An error is always represented by its
// text.
func (h redactingHandler) any(v slog.Value) slog.Value {
	value := v.Any()
	if err, ok := value.(error); ok && !isNil(err) {
		return slog.StringValue(h.redactor.text(written(err.Error)))
	}
	if bytes := reflect.ValueOf(value); bytes.Kind() == reflect.Slice && bytes.Type().Elem().Kind() == reflect.Uint8 {
		// Such as the body of a response. A handler writes it as text or in base64.
		if clean := h.redactor.text(string(bytes.Bytes())); clean != string(bytes.Bytes()) {
			return slog.StringValue(clean)
		}
	}
	for _, text := range []func(any) string{plainText, marshaledText, jsonText} {
		plain := written(func() string { return text(value) })
		if clean := h.redactor.text(plain); clean != plain {
			return slog.StringValue(clean)
		}
	}
	return v
}

// The texts that handlers write for a value.

func plainText(v any) string { return fmt.Sprintf("%+v", v) }

func marshaledText(v any) string {
	m, ok := v.(encoding.TextMarshaler)
	if !ok {
		return ""
	}
	text, err := m.MarshalText()
	if err != nil {
		return "!ERROR:" + err.Error()
	}
	return string(text)
}

func jsonText(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		return "!ERROR:" + err.Error()
	}
	return string(encoded)
}

// written returns the result of text or, if text panics, what the handlers of package slog
// write in that case. A method of a value that is logged must not end a sync.
func written(text func() string) (result string) {
	defer func() {
		if p := recover(); p != nil {
			result = fmt.Sprintf("!PANIC: %v", p)
		}
	}()
	return text()
}
