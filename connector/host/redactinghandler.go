package host

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
)

// A redactingHandler is a slog.Handler that masks secrets.
type redactingHandler struct {
	slog.Handler
	redactor *redactor
}

func (h redactingHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.redactor.known.Load() == nil {
		return h.Handler.Handle(ctx, r)
	}
	clean := slog.NewRecord(r.Time, r.Level, h.redactor.text(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

func (h redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = h.attr(a)
	}
	return redactingHandler{h.Handler.WithAttrs(clean), h.redactor}
}

func (h redactingHandler) WithGroup(name string) slog.Handler {
	return redactingHandler{h.Handler.WithGroup(h.redactor.text(name)), h.redactor}
}

func (h redactingHandler) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(h.redactor.text(v.String()))
	case slog.KindGroup:
		group := slices.Clone(v.Group())
		for i := range group {
			group[i] = h.attr(group[i])
		}
		v = slog.GroupValue(group...)
	case slog.KindAny:
		v = h.any(v)
	}
	return slog.Attr{Key: h.redactor.text(a.Key), Value: v}
}

// any returns v unchanged unless its fmt or JSON representation contains a secret.
// Then it returns that representation with the secret masked. An error is always
// represented by its text.
func (h redactingHandler) any(v slog.Value) slog.Value {
	if err, ok := v.Any().(error); ok && !isNil(err) {
		return slog.StringValue(h.redactor.text(err.Error()))
	}
	plain := fmt.Sprintf("%+v", v.Any())
	if clean := h.redactor.text(plain); clean != plain {
		return slog.StringValue(clean)
	}
	if encoded, err := json.Marshal(v.Any()); err == nil {
		if clean := h.redactor.text(string(encoded)); clean != string(encoded) {
			return slog.StringValue(clean)
		}
	}
	return v
}
