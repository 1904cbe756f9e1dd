package transport

import (
	"log/slog"
	"net/http"
)

// A hop is the round tripper of one call. Each request of the call passes through it:
// every attempt and every redirect. It adds the headers, credentials and cookies that only
// the source may receive.
type hop struct{ call *call }

func (h *hop) RoundTrip(r *http.Request) (*http.Response, error) {
	k := h.call
	if r.Response == nil {
		k.detour = detour{}
	}
	// A round tripper must not change its request. Also, net/http does not pass
	// additions to the copy on to redirects, so each hop decides separately.
	sent := r.Clone(r.Context())
	home := k.stayedHome(r)
	if home {
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
	if home && k.trusted && !k.client.cookies.store(sent.URL, resp) {
		k.client.log().LogAttrs(r.Context(), slog.LevelWarn, "the source sets more or larger cookies than the client keeps, so the source may not recognize a session",
			slog.String("method", k.method), slog.String("path", k.path()))
	}
	if err := k.resolveLocation(resp, r.URL); err != nil {
		drain(resp.Body)
		return nil, err
	}
	return resp, nil
}

// complete adds to a request what only the source may receive: the client's headers,
// credentials and cookies. Then it calls the client's hooks.
func (k *call) complete(r *http.Request) error {
	if r.Response != nil {
		k.restoreHeaders(r)
	}
	if k.trusted && k.client.auth != nil {
		if err := k.client.auth.Authenticate(r); err != nil {
			return &authError{err}
		}
		switch err := checkHeader(r.Header).(type) {
		case nil:
		case headerValueError:
			return &authError{credentialError{err}}
		default:
			return &authError{err}
		}
	}
	if k.trusted {
		k.client.cookies.add(r)
	}
	for _, hook := range k.client.onRequest {
		if err := hook(r); err != nil {
			return &hookError{err}
		}
		if err := checkHeader(r.Header); err != nil {
			return &hookError{err}
		}
	}
	return nil
}

// A credentialError reports a credential that cannot be sent in a header, such as
// one that a user has pasted with a line break.
type credentialError struct{ error }

func (credentialError) Configuration() bool { return true }

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
