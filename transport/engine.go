package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"

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
