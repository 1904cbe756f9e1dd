package host

import "log/slog"

// A logText replaces the text in records of the log.
type logText struct {
	// text replaces keys, and values that are text.
	text func(string) string
	// value replaces values of kind [slog.KindAny].
	value func(slog.Value) slog.Value
}

// record returns a copy of a record with another message.
func (t logText) record(r slog.Record, message string) slog.Record {
	replaced := slog.NewRecord(r.Time, r.Level, message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		replaced.AddAttrs(t.attr(a))
		return true
	})
	return replaced
}

// attrs returns copies of attributes.
func (t logText) attrs(all []slog.Attr) []slog.Attr {
	replaced := make([]slog.Attr, len(all))
	for i, a := range all {
		replaced[i] = t.attr(a)
	}
	return replaced
}

func (t logText) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		v = slog.StringValue(t.text(v.String()))
	case slog.KindGroup:
		v = slog.GroupValue(t.attrs(v.Group())...)
	case slog.KindAny:
		v = t.value(v)
	}
	return slog.Attr{Key: t.text(a.Key), Value: v}
}
