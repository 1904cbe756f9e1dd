package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// Errors that an [*Error] wraps, to be told apart with errors.Is.
var (
	// ErrPageLoop: a page leads back to one that was read before, or the
	// source gives the same page again and again. Going on would never end;
	// stopping quietly would lose records.
	ErrPageLoop = errors.New("the pages go in a circle")

	// ErrForeignHost: a page or a redirect leads to a host that is not one of
	// the source's own. Name it with [WithHosts] if it is.
	ErrForeignHost = errors.New("leads to a host that is not the source's")

	// ErrTooLarge: a response body, decompressed, or one record in it is
	// larger than allowed; see [WithMaxBody].
	ErrTooLarge = errors.New("larger than allowed")

	// ErrCut: a body ended before its end: fewer bytes than its Content-Length
	// says, a connection closed in its middle, or JSON that breaks off.
	ErrCut = errors.New("the body breaks off")

	// ErrTimeout: a try took longer than [WithTimeout] allows.
	ErrTimeout = errors.New("no complete answer in time")

	// ErrNotJSON: the body is something other than JSON, such as a web page.
	ErrNotJSON = errors.New("the body is not JSON")

	// ErrReported: the body reports an error, at [Request].ErrorAt, although the
	// status is one of success.
	ErrReported = errors.New("the source reports an error")

	// ErrNoRecords: there is nothing at the path where the records should be.
	ErrNoRecords = errors.New("no records at the path")
)

// kind is what can be done about an error.
type kind int

const (
	defect        kind = iota // the connector or the source is wrong
	configuration             // the user must mend the configuration
	temporary                 // it may work later
)

// An Error is how a request failed. Every failure of this package that has to
// do with a request is one, found with errors.As; what made it is wrapped, and
// found with errors.Is and errors.As as well: the sentinels of this package, a
// context's error, a *net.OpError.
//
// No field and no message holds a secret: the URL is without user information
// and without the values of parameters that hold credentials, and the client's
// secrets are hidden wherever a source repeats them.
type Error struct {
	// Method and URL are those of the request. They are empty for an error of
	// New about the base URL.
	Method, URL string

	// Status is the HTTP status of the last answer, 0 where there was none.
	Status int

	// Attempts is how often the request was tried, 0 where it was never sent.
	Attempts int

	// Body is the beginning of the last answer's body, at most 200 bytes and
	// on one line. It is empty where the status is below 300 and the failure
	// is not about the body.
	Body string

	// Err is what went wrong. It is nil where the status says it all.
	Err error

	kind kind
	mask *mask
}

// Error returns one line that says what was asked, what came back, how often
// it was tried, and how the answer began.
func (e *Error) Error() string {
	var b strings.Builder
	if e.URL != "" {
		fmt.Fprintf(&b, "%s %s: ", e.Method, e.URL)
	}
	switch {
	case e.Err != nil && e.Status >= 300:
		fmt.Fprintf(&b, "%s: %s", statusText(e.Status), e.mask.text(e.Err.Error()))
	case e.Err != nil:
		b.WriteString(e.mask.text(e.Err.Error()))
	default:
		b.WriteString(statusText(e.Status))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (tried %d times)", e.Attempts)
	}
	if e.Body != "" {
		fmt.Fprintf(&b, ": %s", e.Body)
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Configuration reports whether the user must mend the configuration: the
// source refused the credentials (401, 403), the host is not known or its
// certificate not valid, or nothing was found (404, or a web page instead of
// JSON) before the source answered any request with success, so that the base
// URL is most likely wrong.
func (e *Error) Configuration() bool { return e.kind == configuration }

// Temporary reports whether the same may work later: the source was
// unreachable, overloaded or broken, and stayed so for as long as the request
// was tried.
func (e *Error) Temporary() bool { return e.kind == temporary }

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprintf("status %d", status)
}

// fail makes the error of a call.
func (k *call) fail(kd kind, resp *Response, attempts int, err error) *Error {
	e := &Error{Method: k.method, URL: k.mask().url(k.url), Attempts: attempts, Err: k.hide(err), kind: kd, mask: k.mask()}
	if resp != nil {
		e.Status = resp.Status
		var ruled *ruledError
		if resp.Status >= 300 || errors.Is(err, ErrNotJSON) || errors.Is(err, ErrCut) || errors.As(err, &ruled) {
			e.Body = k.mask().text(excerpt(resp.Body))
		}
	}
	return e
}

// hide returns err with the secrets taken out of its text.
func (k *call) hide(err error) error {
	if err == nil {
		return nil
	}
	if text := err.Error(); k.mask().text(text) != text {
		return &hidden{text: k.mask().text(text), err: err}
	}
	return err
}

// A hidden error is another one with the secrets taken out of its text.
type hidden struct {
	text string
	err  error
}

func (h *hidden) Error() string        { return h.text }
func (h *hidden) Is(target error) bool { return errors.Is(h.err, target) }

// excerpt returns the start of a body on one line, for people.
func excerpt(body []byte) string { return shorten.Line(body, 200) }
