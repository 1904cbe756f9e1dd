package connectortest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// minToken is the length in bytes of the shortest token that the suite looks for in the
// output. It is longer than minSecretLength, because the suite does not know whether the
// value is a secret.
const minToken = 16

// A tokenCollector passes requests on and collects the tokens that they authenticate with,
// such as an access token that the connector has obtained from the source. It is safe for
// concurrent use.
type tokenCollector struct {
	network http.RoundTripper

	mu     sync.Mutex
	tokens []string
}

func (t *tokenCollector) RoundTrip(r *http.Request) (*http.Response, error) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found {
		token = scheme
	}
	if len(token) >= minToken && !strings.EqualFold(scheme, "Basic") { // which holds the name of a user, too
		t.mu.Lock()
		if !slices.Contains(t.tokens, token) {
			t.tokens = append(t.tokens, token)
		}
		t.mu.Unlock()
	}
	return t.network.RoundTrip(r)
}

// collected returns the tokens so far.
func (t *tokenCollector) collected() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.tokens)
}
