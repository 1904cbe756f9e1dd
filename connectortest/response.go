package connectortest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answerTo returns an answer of a source's own making.
func answerTo(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}
}

// drop closes the body of a request that goes nowhere, as a round tripper has
// to.
func drop(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close() // nobody sends it
	}
}
