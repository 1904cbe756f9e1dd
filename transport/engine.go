package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-resty/resty/v2"
)

// An engine sends the requests of one call. It is the client of resty, which only this
// file knows.
type engine = resty.Client

// newEngine returns the engine of a call. resty builds the HTTP request and traces it.
// This package handles retries, decoding, redirects, credentials and logging without
// resty, because resty shortens the waits that a Retry-After asks for, does not repeat a
// request whose response is truncated, and logs headers and bodies.
func newEngine(k *call) *engine {
	rest := resty.NewWithClient(&http.Client{Transport: &hop{k}, CheckRedirect: k.followRedirect})
	rest.SetLogger(silent{})
	rest.SetDisableWarn(true)
	rest.SetAllowGetMethodPayload(true)
	rest.SetDoNotParseResponse(true)
	return rest
}

// silent discards the log messages of resty.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// execute sends the request of a call once. It returns as soon as the headers of the
// response have arrived. If traced, it also measures the parts of that time.
func (k *call) execute(ctx context.Context, traced bool) (*http.Response, *trace, error) {
	if k.engine == nil {
		k.engine = newEngine(k)
	}
	r := k.engine.R().SetContext(ctx)
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

func newTrace(info resty.TraceInfo) *trace {
	if info.IsConnReused {
		return &trace{firstByte: info.ServerTime}
	}
	return &trace{dns: info.DNSLookup, connect: info.TCPConnTime, tls: info.TLSHandshake, firstByte: info.ServerTime}
}
