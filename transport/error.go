package transport

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// Errors that an [*Error] may wrap. Use errors.Is to distinguish them.
var (
	// ErrPageLoop reports that a page leads back to an earlier one, or that too many pages
	// in a row have no new records: they are empty, or have the records of earlier pages
	// (see [MaxStalled]). Reading on would never end, and stopping without an error would
	// lose records.
	ErrPageLoop = errors.New("the pages form a loop")

	// ErrForeignHost reports that a page or a redirect leads to a host that is not one
	// of the source's own. [WithHosts] adds a host to them.
	ErrForeignHost = errors.New("leads to a host that is not the source's")

	// ErrTooLarge reports that a response body, after decompression, or one record in
	// it exceeds its limit; see [WithMaxBody].
	ErrTooLarge = sentinel.ErrTooLarge

	// ErrCut reports that a body is truncated: it has fewer bytes than its
	// Content-Length, the connection was closed, its JSON does not end, it ends
	// within a character, or it is a part of a file that was not requested (206 Partial
	// Content).
	ErrCut = sentinel.ErrCut

	// ErrTimeout reports that an attempt took longer than [WithTimeout] allows, or that a
	// job took longer than [Job].Timeout.
	ErrTimeout = errors.New("no complete response in time")

	// ErrNotJSON reports that a body is not JSON, such as a web page.
	ErrNotJSON = sentinel.ErrNotJSON

	// ErrReported reports that a body has an error at [Request].ErrorAt, although its
	// status reports success.
	ErrReported = errors.New("the source reports an error")

	// ErrNoRecords reports that a body has nothing at the path of the records.
	ErrNoRecords = sentinel.ErrNoRecords
)

// kind states who can act on an error.
type kind int

const (
	defect        kind = iota // the connector or the source must be fixed
	configuration             // the user must fix the configuration
	temporary                 // a later request may succeed
)

// An Error describes a request that failed. Every function of this package returns one
// if a request fails. Use errors.As to find it. It wraps its cause, which errors.Is and
// errors.As also find: an error of this package, the error of a context, or an error
// such as a *net.OpError. If the text of the cause contains a secret, errors.As does not
// find the cause, because it would reveal the text.
//
// Neither the fields nor the message contain a secret. The URL is without user
// information and without the values of parameters that hold credentials, and the
// client's secrets are hidden wherever the source repeats them.
type Error struct {
	// Method and URL are those of the request. They are empty for an error of
	// New about the base URL.
	Method, URL string

	// Status is the HTTP status of the last response, or 0 if there was none.
	Status int

	// Attempts is the number of attempts, or 0 if the request was never sent.
	Attempts int

	// Body is the beginning of the body of the last response, at most 200 bytes and
	// on one line. It is empty if the status is below 300, unless the body is not JSON
	// or is truncated, or a [Rule] rejects the response.
	Body string

	// Err is the cause. It is nil if the failure is the status alone.
	Err error

	kind        kind
	unreachable bool
	wait        time.Duration // that the source asked for
	mask        *mask
}

// Error returns one line with the request, the status or cause, the number of attempts,
// and the beginning of the response.
func (e *Error) Error() string {
	var b strings.Builder
	if e.URL != "" {
		fmt.Fprintf(&b, "%s %s: ", e.Method, e.URL)
	}
	switch {
	case e.Err != nil && e.Status >= 300:
		fmt.Fprintf(&b, "%s: %s", status.Text(e.Status), e.mask.text(e.Err.Error()))
	case e.Err != nil:
		b.WriteString(e.mask.text(e.Err.Error()))
	default:
		b.WriteString(status.Text(e.Status))
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

// Configuration reports whether the user must fix the configuration: the source refused
// the credentials (401, 403), they cannot be sent, the host is unknown, its certificate is
// not valid, or the proxy refused the request. As long as no request of the client has
// succeeded, it also returns true for a response that suggests a wrong base URL: a 404, a
// web page instead of JSON, or a redirect to another host that was not followed.
func (e *Error) Configuration() bool { return e.kind == configuration }

// Temporary reports whether a later request may succeed: the source was unreachable,
// overloaded or broken, and remained so while the request was repeated, or until the
// deadline of the context.
func (e *Error) Temporary() bool { return e.kind == temporary }

// Unreachable reports whether the source has never responded to the client, because no
// connection could be made or because the source closed it without a response. The address
// in the configuration may then be wrong. Temporary usually also returns true, because the
// source may only be down.
func (e *Error) Unreachable() bool { return e.unreachable }

// RetryAfter returns how long the source asked to wait in its last response, or 0 if it
// did not ask. The request has failed nevertheless, because the wait would have exceeded
// the limit of [WithRetry] or the deadline of the context, or because the request must not
// be repeated.
func (e *Error) RetryAfter() time.Duration { return e.wait }

// maxExcerpt is how many bytes of a response an Error holds.
const maxExcerpt = 200

// fail returns the error of a call.
func (k *call) fail(kd kind, resp *Response, attempts int, err error) *Error {
	e := &Error{Method: k.method, URL: shorten.Text(k.mask().url(k.url), maxErrorURL), Attempts: attempts, Err: k.hide(err), kind: kd, mask: k.mask()}
	if resp != nil {
		e.Status = resp.Status
		var ruled *ruledError
		if resp.Status >= 300 && !isRedirect(resp.Status) || errors.Is(err, ErrNotJSON) || errors.Is(err, ErrCut) || errors.As(err, &ruled) {
			e.Body = k.mask().excerpt(resp.Body, maxExcerpt-len("…"))
		}
	}
	return e
}

// explain puts an explanation of the failure before the cause of an error.
func (e *Error) explain(meaning string) {
	if e.Err == nil {
		e.Err = errors.New(meaning)
		return
	}
	e.Err = fmt.Errorf("%s: %w", meaning, e.Err)
}

// requestError returns the error for a request that was not sent.
func (c *Client) requestError(req Request, err error) error {
	k, kerr := c.prepare(req)
	if kerr != nil {
		err = kerr
	}
	return k.fail(defect, nil, 0, err)
}

// asRequestError returns err as an error about a request, unless it is one.
func (c *Client) asRequestError(req Request, err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return c.requestError(req, err)
}

// hide returns err without the secrets in its text.
func (k *call) hide(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if len(text) > maxErrorText { // it quotes the source
		return &hiddenError{text: shorten.Text(k.mask().text(text), maxErrorText), err: err}
	}
	if masked := k.mask().text(text); masked != text {
		return &hiddenError{text: masked, err: err}
	}
	return err
}

const (
	// maxErrorURL is the largest number of bytes of a URL in an error.
	maxErrorURL = 4 << 10
	// maxErrorText is the largest number of bytes of the text of a cause.
	maxErrorText = 8 << 10
)

// A hiddenError is another error without the secrets in its text.
type hiddenError struct {
	text string
	err  error
}

func (h *hiddenError) Error() string        { return h.text }
func (h *hiddenError) Is(target error) bool { return errors.Is(h.err, target) }
