package transport

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"
)

// An engine sends the requests of one call with resty, which builds the HTTP request
// and traces it. This package handles retries, decoding, redirects, credentials and
// logging without resty, because resty shortens the waits that a Retry-After asks
// for, does not repeat a request whose response is truncated, and logs headers and
// bodies.
type engine struct {
	rest *resty.Client
}

func newEngine(k *call) *engine {
	rest := resty.NewWithClient(&http.Client{Transport: &hop{k}, CheckRedirect: k.followRedirect})
	rest.SetLogger(silent{})
	rest.SetDisableWarn(true)
	rest.SetAllowGetMethodPayload(true)
	rest.SetDoNotParseResponse(true)
	return &engine{rest}
}

// silent discards the log messages of resty.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// do sends the request of a call once. It returns as soon as the headers of the
// response have arrived. If traced, it also measures the parts of that time.
func (e *engine) do(ctx context.Context, k *call, traced bool) (*http.Response, *trace, error) {
	r := e.rest.R().SetContext(ctx)
	for name, values := range k.header {
		r.Header[name] = values
	}
	if k.body != nil {
		r.SetBody(bytes.NewReader(k.body))
	}
	if traced {
		r.EnableTrace()
	}
	resp, err := r.Execute(k.method, k.url.String())
	var t *trace
	if traced {
		t = newTrace(r.TraceInfo())
	}
	if err != nil {
		// If a redirect was refused, there is also a response, whose body is closed.
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, t, err
	}
	return resp.RawResponse, t, nil
}

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
