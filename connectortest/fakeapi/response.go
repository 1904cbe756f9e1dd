package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// A response is sent to a client.
type response struct {
	status      int
	header      http.Header // may be nil
	contentType string      // "" means JSON
	body        []byte
	// validated means that the response has an ETag and obeys conditional requests.
	validated bool
	// modified is when the content changed, or the zero time if that is unknown.
	modified time.Time
}

// set sets a header.
func (r *response) set(name, value string) {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
}

// A statusError is an error with the status of its response.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }

func reject(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

// errorResponse returns the response that reports an error. The status is
// that of a statusError, or 500 for any other error.
func errorResponse(err error) response {
	status := http.StatusInternalServerError
	if e := (*statusError)(nil); errors.As(err, &e) {
		status = e.status
	}
	return jsonResponse(status, map[string]string{"error": err.Error()})
}

// jsonResponse returns a response with a value that always marshals.
func jsonResponse(status int, value any) response {
	body, _ := marshal(value)
	return response{status: status, body: body}
}
