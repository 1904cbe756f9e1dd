package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

const maxRedirects = 10

// errRedirects is distinguished from network failures, because trying again leads
// through the same redirects.
var errRedirects = errors.New("too many redirects")

// followRedirect is the CheckRedirect of the call's HTTP client. A request that has
// left the hosts where it may carry headers and credentials carries only the headers
// that negotiate the response, on this and all further redirects. (By default,
// net/http removes Authorization and cookies, keeps other headers, and passes on the
// URL with its query as the Referer.)
func (k *call) followRedirect(req *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return fmt.Errorf("%w: %d", errRedirects, len(via))
	}
	k.dropCondition(req.Header)
	if k.stayedHome(req) {
		return nil
	}
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
		removeParams(req.URL, secretParams(k.client.auth))
	}
	return nil
}

// removeParams removes query parameters from a URL.
func removeParams(u *url.URL, names []string) {
	if len(names) == 0 {
		return
	}
	q := u.Query()
	for _, name := range names {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
}
