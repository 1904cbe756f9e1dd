package secretmatrix_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// A source answers requests in memory. Unlike a server of net/http, it can send any
// header and reason phrase.
type source func(r *http.Request) *http.Response

func (s source) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	resp := s(r)
	resp.Request = r
	return resp, nil
}

// response returns a response with headers, which are names and values in turn.
func response(status int, body string, headers ...string) *http.Response {
	resp := &http.Response{
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status),
		Header: http.Header{"Content-Type": {"application/json"}}, Trailer: http.Header{},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	for i := 0; i+1 < len(headers); i += 2 {
		resp.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	return resp
}

// oneLine removes what no header can contain.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return ' '
		}
		return r
	}, text)
}
