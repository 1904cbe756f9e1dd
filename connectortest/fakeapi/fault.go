package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Fault is a way in which a request fails. [Status], [Timeout], [Reset],
// [Truncate] and [RespondWith] return faults for [FailOn]. The zero Fault is not
// valid.
type Fault struct {
	kind       faultKind
	status     int
	retryAfter string  // "" for no Retry-After
	at         float64 // the share of the body that is sent
	handler    http.Handler
	err        error // why the fault is not valid
}

type faultKind int

const (
	none faultKind = iota
	status
	timeout
	reset
	cut
	custom
)

// Status returns a fault that responds with a status, such as 500 or 429, and a body
// {"error":"..."}. The API does not process the request. The status is a number from
// 400 to 599; use [RespondWith] for any other one.
func Status(code int) Fault {
	f := Fault{kind: status, status: code}
	if code < 400 || code > 599 {
		f.err = fmt.Errorf("the status is %d: want a number from 400 to 599", code)
	}
	return f
}

// RetryAfter returns the fault with a Retry-After header, which holds whole seconds,
// rounded up. It applies to [Status] only.
func (f Fault) RetryAfter(wait time.Duration) Fault {
	switch {
	case f.err != nil:
	case f.kind != status:
		f.err = errors.New("only a status has a Retry-After")
	case wait < 0:
		f.err = fmt.Errorf("the Retry-After is %v: want zero or more", wait)
	}
	f.retryAfter = seconds(wait)
	return f
}

// Timeout returns a fault that never responds: the request waits until the client
// gives up. The API does not process the request. If the request has a context that
// cannot end, as with a bare recorder, the connection breaks immediately.
func Timeout() Fault { return Fault{kind: timeout} }

// Reset returns a fault that closes the connection without a response. The API does
// not process the request.
//
// If a server closes a reused connection without a response, the transport of
// net/http itself repeats a GET. The second attempt is another request.
func Reset() Fault { return Fault{kind: reset} }

// Truncate returns a fault that closes the connection in the middle of the body of
// the normal response. The share of the body that is sent is a number from 0 to less
// than 1. The API processes the request, so a job exists and a refresh token is
// replaced, although the client does not learn of it. If the response has no body,
// the connection closes without a response.
func Truncate(share float64) Fault {
	f := Fault{kind: cut, at: share}
	if !(share >= 0 && share < 1) { // true for NaN too
		f.err = fmt.Errorf("the share of a truncated body is %v: want a number from 0 to less than 1", share)
	}
	return f
}

// RespondWith returns a fault that lets a handler respond instead of the API. The
// handler can read the body of the request. It must be safe for concurrent use if the
// fault is used more than once.
func RespondWith(handler http.Handler) Fault {
	f := Fault{kind: custom, handler: handler}
	if handler == nil {
		f.err = errors.New("the handler of RespondWith is nil")
	}
	return f
}

// replaces reports whether the API does not process the request.
func (f Fault) replaces() bool { return f.kind != none && f.kind != cut }

// response returns the response of a fault that has a status.
func (f Fault) response() response {
	resp := errorResponse(reject(f.status, "injected fault: %s", strings.ToLower(http.StatusText(f.status))))
	if f.retryAfter != "" {
		resp.set("Retry-After", f.retryAfter)
	}
	return resp
}

// seconds returns a duration in whole seconds, rounded up, so a client that waits
// this long is never early.
func seconds(d time.Duration) string {
	n := int64(d / time.Second)
	if d%time.Second > 0 {
		n++
	}
	return strconv.FormatInt(n, 10)
}

// waitForClient waits until the client of a request is gone.
func waitForClient(r *http.Request) {
	if done := r.Context().Done(); done != nil {
		<-done
	}
}

// A statusWriter remembers the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (w *statusWriter) WriteHeader(status int) {
	if w.status < 200 { // an informational response precedes the final one
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Flush implements [http.Flusher].
func (w *statusWriter) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // fails only if the writer has no buffer
}

// Unwrap lets [http.ResponseController] reach the response writer of the server.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) statusOrOK() int {
	if w.status < 200 {
		return http.StatusOK
	}
	return w.status
}
