package transport

import (
	"log/slog"
	"time"

	"github.com/go-resty/resty/v2"
)

// A trace breaks down the time from the start of an attempt to the first byte of its
// response.
type trace struct{ dns, connect, tls, firstByte time.Duration }

func newTrace(info resty.TraceInfo) *trace {
	if info.IsConnReused {
		return &trace{firstByte: info.ServerTime}
	}
	return &trace{dns: info.DNSLookup, connect: info.TCPConnTime, tls: info.TLSHandshake, firstByte: info.ServerTime}
}

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
