package transport

import (
	"errors"
	"fmt"
	"net/http"
)

const maxRedirects = 10

// errRedirects is told apart from network failures: trying again leads the
// same way round.
var errRedirects = errors.New("too many redirects")

// followRedirect is the client's CheckRedirect. Credentials stay with the
// source: once a request has left its hosts, it carries nothing but what says
// what kind of answer is wanted, for the rest of the way. (net/http on its own
// removes Authorization and cookies, keeps custom headers, and passes on the
// whole URL with its query as Referer.)
func followRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return fmt.Errorf("%w: %d", errRedirects, len(via))
	}
	k := attemptOf(req.Context())
	if k == nil {
		return nil
	}
	if !k.home(req, via) {
		if len(k.body) > 0 && req.Body != nil {
			return fmt.Errorf("%w: a redirect to %s of a request with a body", ErrForeignHost, req.URL.Host)
		}
		for name := range req.Header {
			switch name {
			case "Accept", "Accept-Encoding", "Accept-Language", "User-Agent":
			default:
				delete(req.Header, name)
			}
		}
		if k.client.auth != nil {
			if params := secretParams(k.client.auth); len(params) > 0 {
				q := req.URL.Query()
				for _, name := range params {
					q.Del(name)
				}
				req.URL.RawQuery = q.Encode()
			}
		}
		return nil
	}
	return authenticate(req)
}

// home reports whether a request has stayed where its credentials belong: on
// the source's hosts, or for a request elsewhere, on the host it began at.
func (k *call) home(req *http.Request, via []*http.Request) bool {
	for _, r := range append(via[1:len(via):len(via)], req) {
		if k.trusted && !k.client.trusts(r.URL) || !k.trusted && !sameOrigin(r.URL, via[0].URL) {
			return false
		}
	}
	return true
}
