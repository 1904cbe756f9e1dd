package transport

import (
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/net/http/httpguts"

	"github.com/penstock-sdk/penstock/internal/pasted"
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
				return fmt.Errorf("the value of %s contains %s", name, pasted.Control(v))
			}
		}
	}
	return nil
}

// A headerNameError reports a header whose name is not valid, which is a mistake in the
// connector.
type headerNameError string

func (e headerNameError) Error() string { return fmt.Sprintf("%q is not a valid name", string(e)) }

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
