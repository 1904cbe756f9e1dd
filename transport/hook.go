package transport

import (
	"fmt"
	"net/http"
)

// OnRequest adds a function that is called with each request before it is sent, after
// the credentials have been added. It may change the headers. It is called for each
// attempt and for each redirect within the source's hosts. Several functions are called
// in the order in which they were added. An error ends the call. If it has a method
// Configuration() bool that returns true, so does the [Error]. A header value that cannot be
// sent is such an error if the name of the header suggests a credential (see [WithHeader]).
func OnRequest(hook func(*http.Request) error) Option {
	return func(s *settings) {
		if hook != nil {
			s.onRequest = append(s.onRequest, hook)
		}
	}
}

// OnResponse adds a function that is called with each response before its body is read,
// including failures that will be repeated. It must not read the body. An error ends
// the call, as with [OnRequest].
func OnResponse(hook func(*http.Response) error) Option {
	return func(s *settings) {
		if hook != nil {
			s.onResponse = append(s.onResponse, hook) //nolint:bodyclose // a function that sees bodies, not one of them
		}
	}
}

// A hookError is a failure of a hook. Repeating the request does not fix it.
type hookError struct{ err error }

func (e *hookError) Error() string { return fmt.Sprintf("hook: %v", e.err) }
func (e *hookError) Unwrap() error { return e.err }
