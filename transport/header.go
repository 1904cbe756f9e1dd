package transport

import (
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

// validMethod reports whether a method is a token (RFC 9110 §9.1).
func validMethod(method string) bool { return httpguts.ValidHeaderFieldName(method) }

// checkHeader returns an error for a header that cannot be sent, without its value,
// which may be a credential.
func checkHeader(h http.Header) error {
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return headerNameError(name)
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return headerValueError{name, pasted.Control(v)}
			}
		}
	}
	return nil
}

// A headerNameError reports a header whose name is not valid, which is a mistake in the
// connector.
type headerNameError string

func (e headerNameError) Error() string {
	return fmt.Sprintf("%q is not a valid name", pasted.Mask(string(e)))
}

// A headerValueError reports a value that cannot be sent, such as a key that a user has
// pasted with a line break.
type headerValueError struct{ name, problem string }

func (e headerValueError) Error() string {
	return fmt.Sprintf("the value of %s contains %s", e.name, e.problem)
}

// Configuration reports whether the name suggests that the value is a credential.
func (e headerValueError) Configuration() bool { return secretname.Header(e.name) }

// contentHeaders describe the body of a request, which a redirect may drop.
var contentHeaders = []string{"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"}

// restoreHeaders adds the headers of the call to a request. net/http removes
// Authorization and Cookie from a redirect to another host, which may be one of the
// source's own. A condition is not restored.
func (k *call) restoreHeaders(r *http.Request) {
	for name, values := range k.header {
		if r.Header[name] != nil || r.Body == nil && slices.Contains(contentHeaders, name) {
			continue
		}
		r.Header[name] = slices.Clone(values)
	}
	k.dropCondition(r.Header)
}
