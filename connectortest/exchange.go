package connectortest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An exchange is a request of the connector and its response.
type exchange struct {
	method        string
	url           url.URL
	requestHeader http.Header
	sent          []byte // the body of the request
	status        int    // 0 if there was no response
	header        http.Header
	body          []byte
	cut           bool // the body is not complete

	params url.Values // of the URL; see query
}

// succeeded reports whether the response has a status of success.
func (e *exchange) succeeded() bool { return e.status >= 200 && e.status < 300 }

// endpoint returns the method and the path of the request, without its query, which may
// contain a secret.
func (e *exchange) endpoint() string { return e.method + " " + e.url.EscapedPath() }

// value returns the JSON value of a successful response, or nil. Numbers are of type
// json.Number. Several values, as in NDJSON, are an array.
func (e *exchange) value() any {
	if !e.succeeded() || e.cut {
		return nil
	}
	dec := json.NewDecoder(e.decompressed())
	dec.UseNumber()
	var all []any
	for {
		var v any
		err := dec.Decode(&v)
		switch {
		case err == io.EOF && len(all) == 1:
			return all[0]
		case err == io.EOF && len(all) > 1:
			return all
		case err != nil:
			return nil
		}
		all = append(all, v)
	}
}

// decompressed returns the body without its compression. The client decompresses
// bodies itself, so the suite sees them compressed.
func (e *exchange) decompressed() io.Reader {
	body := bytes.NewReader(bytes.TrimPrefix(e.body, []byte("\xef\xbb\xbf")))
	var plain io.Reader
	var err error
	switch strings.ToLower(e.header.Get("Content-Encoding")) {
	case "gzip", "x-gzip":
		plain, err = gzip.NewReader(body)
	case "deflate":
		plain, err = zlib.NewReader(body)
	default:
		return body
	}
	if err != nil {
		return strings.NewReader("")
	}
	return plain
}

// query returns the parameters of the URL, which it parses once.
func (e *exchange) query() url.Values {
	if e.params == nil {
		e.params = e.url.Query()
	}
	return e.params
}

// asksFor returns a function that reports whether a request contains the URL or the token
// that the response to e names. It does the work that all requests share once, because
// a sync may send thousands of them.
func (e *exchange) asksFor(page nextPage) func(request *exchange) bool {
	switch page.kind {
	case nextURL:
		target, err := e.url.Parse(page.text)
		if err != nil {
			break
		}
		path, changed := target.EscapedPath(), target.Query()
		maps.DeleteFunc(changed, func(name string, values []string) bool { return slices.Equal(values, e.query()[name]) })
		return func(request *exchange) bool { return request.reaches(path, changed) }
	case nextToken:
		return func(request *exchange) bool { return request.contains(page.text, request.endpoint() == e.endpoint()) }
	}
	return func(*exchange) bool { return false }
}

// reaches reports whether a request has a path and parameters.
func (e *exchange) reaches(path string, params url.Values) bool {
	if e.url.EscapedPath() != path {
		return false
	}
	for name, values := range params {
		if !slices.Equal(values, e.query()[name]) {
			return false
		}
	}
	return true
}

// contains reports whether a request contains a token. A number may occur anywhere, so
// only a request to the same endpoint counts.
func (e *exchange) contains(token string, sameEndpoint bool) bool {
	if _, err := strconv.Atoi(token); err == nil && !sameEndpoint {
		return false
	}
	for _, values := range e.query() {
		if slices.Contains(values, token) {
			return true
		}
	}
	return bytes.Contains(e.sent, []byte(token)) || !sameEndpoint && strings.Contains(e.url.Path, token)
}

// clone returns a copy whose URL and body can be changed.
func (e *exchange) clone() *exchange {
	return &exchange{method: e.method, url: e.url, requestHeader: e.requestHeader, sent: e.sent}
}

// sendTimeout is how long the suite waits for a response. A source may hold a response
// back until there is something new.
const sendTimeout = time.Minute

// send sends the request again.
func (e *exchange) send(ctx context.Context, network http.RoundTripper) (*exchange, error) {
	ctx, stop := context.WithTimeout(ctx, sendTimeout)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, e.method, e.url.String(), bytes.NewReader(e.sent))
	if err != nil {
		return nil, err
	}
	if e.sent == nil {
		r.Body, r.GetBody = nil, nil
	}
	r.Header = e.requestHeader.Clone()
	resp, err := network.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	again := e.clone()
	again.status, again.header = resp.StatusCode, resp.Header
	again.body, err = io.ReadAll(io.LimitReader(resp.Body, maxRecordedBytes))
	return again, err
}
