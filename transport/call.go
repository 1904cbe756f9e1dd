package transport

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// A call is a request in the form in which every attempt sends it.
type call struct {
	client     *Client
	method     string
	url        *url.URL
	header     http.Header
	body       []byte
	trusted    bool // it goes to a host of the source
	idempotent bool
	timeout    time.Duration
	errorAt    *jsonpath.Path // nil if the request has none
	engine     *engine        // made by the first attempt
	detour     detour         // of the redirects of the last attempt
	condition  *condition     // nil if the call is not conditional
	bodySize   *bodySize      // of the sequence of pages, or nil
	progress   *progress      // of an attempt; nil if the source has responded before

	// contact returns how long the source may take until its first response, if there
	// is a limit. contacted ends that limit for an attempt. Both may be nil.
	contact   func() (left time.Duration, limited bool)
	contacted func()
}

// prepare turns a request into a call. An error is a mistake in the connector, unless
// it is about a URL that the source sent.
func (c *Client) prepare(req Request) (*call, error) {
	k := &call{client: c, method: req.Method, timeout: req.Timeout}
	if k.method == "" {
		k.method = http.MethodGet
	}
	if !validMethod(k.method) {
		return k, fmt.Errorf("the request's method is not valid: %q", k.method)
	}
	u, err := c.resolve(req)
	if err != nil {
		return k, err
	}
	k.url = u
	k.trusted = c.trusts(u)
	if req.asGiven && !k.trusted {
		return k, c.foreign(u)
	}
	if k.body, err = k.encode(req.Body); err != nil {
		return k, fmt.Errorf("encode the request's body: %w", err)
	}
	if k.body != nil && (k.method == http.MethodHead || k.method == http.MethodOptions || k.method == http.MethodTrace) {
		return k, fmt.Errorf("a %s request has no body", k.method)
	}
	if req.ErrorAt != "" {
		at, err := jsonpath.Parse(req.ErrorAt)
		if err != nil {
			return k, err
		}
		k.errorAt = &at
	}
	if err := checkHeader(req.Header); err != nil {
		return k, fmt.Errorf("the request's header: %w", err)
	}
	k.setHeaders(req.Header)
	k.idempotent = !req.once && (req.Idempotent || idempotentMethod(k.method))
	switch {
	case k.timeout == 0:
		k.timeout = c.timeout
	case k.timeout < 0:
		k.timeout = 0
	}
	return k, nil
}

func idempotentMethod(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// encode returns the bytes of a request's body, and sets its Content-Type.
func (k *call) encode(body any) ([]byte, error) {
	k.header = http.Header{}
	typ := "application/json"
	var data []byte
	switch b := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		data = b
	case []byte:
		data = b
	case string:
		data = []byte(b)
	case url.Values:
		typ = "application/x-www-form-urlencoded"
		data = []byte(b.Encode())
	default:
		var err error
		// Deterministic, so that equal requests have equal bytes.
		if data, err = jsonv2.Marshal(b, jsonv2.Deterministic(true), jsonvalue.EncodeOptions); err != nil {
			return nil, err
		}
	}
	if data == nil {
		data = []byte{}
	}
	k.header.Set("Content-Type", typ)
	return data, nil
}

func (k *call) setHeaders(own http.Header) {
	k.header.Set("Accept", "application/json, */*;q=0.5")
	k.header.Set("Accept-Encoding", "gzip, deflate")
	if k.client.userAgent != "" {
		k.header.Set("User-Agent", k.client.userAgent)
	}
	if k.trusted {
		for name, values := range k.client.header {
			k.header[name] = values
		}
	}
	for name, values := range own {
		k.header[http.CanonicalHeaderKey(name)] = values
	}
}
