package transport

import (
	"log/slog"
	"time"
)

// A trace breaks down the time from the start of an attempt to the first byte of its
// response.
type trace struct{ dns, connect, tls, firstByte time.Duration }

// attrs returns the parts of a trace that took time, for a log line.
func (t *trace) attrs() (attrs []slog.Attr) {
	if t == nil {
		return nil
	}
	for _, part := range []struct {
		name string
		took time.Duration
	}{{"dns", t.dns}, {"connect", t.connect}, {"tls", t.tls}, {"first_byte", t.firstByte}} {
		if part.took > 0 {
			attrs = append(attrs, slog.Duration(part.name, part.took))
		}
	}
	return attrs
}
