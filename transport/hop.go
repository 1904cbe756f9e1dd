package transport

import (
	"net/http"
	"slices"
)

// A hop is the round tripper of one call. Each request of the call passes through it:
// every attempt and every redirect. It adds the data that only the source may see.
type hop struct{ call *call }

func (h *hop) RoundTrip(r *http.Request) (*http.Response, error) {
	k := h.call
	// A round tripper must not change its request. Also, net/http does not pass
	// additions to the copy on to redirects, so each hop decides separately.
	sent := r.Clone(r.Context())
	if k.stayedHome(r) {
		if err := k.complete(sent); err != nil {
			if r.Body != nil {
				_ = r.Body.Close()
			}
			return nil, err
		}
	}
	resp, err := describing{k.client.network}.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	k.answered()
	resp.Request = sent
	return resp, nil
}

// complete adds what only the source may see to a request: the client's headers and
// credentials. Then it calls the client's hooks.
func (k *call) complete(r *http.Request) error {
	if k.trusted {
		// net/http removes Authorization and Cookie from a redirect to another host,
		// which may be one of the source's own.
		for name := range k.client.header {
			if r.Header[name] == nil {
				r.Header[name] = slices.Clone(k.header[name])
			}
		}
	}
	if k.trusted && k.client.auth != nil {
		if err := k.client.auth.Authenticate(r); err != nil {
			return &authError{err}
		}
	}
	for _, hook := range k.client.onRequest {
		if err := hook(r); err != nil {
			return &hookError{err}
		}
	}
	return nil
}

// stayedHome reports whether all redirects that led to a request are within the hosts
// that may see what the call carries: those of the source, or, for a request to
// another host, that host.
func (k *call) stayedHome(r *http.Request) bool {
	for ; r.Response != nil; r = r.Response.Request {
		if k.trusted && !k.client.trusts(r.URL) || !k.trusted && !sameOrigin(r.URL, k.url) {
			return false
		}
	}
	return true
}
