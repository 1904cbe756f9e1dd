package paging_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// follow reads two pages, the first of which has the URL of the second. It returns the
// URLs of all requests. It fails the test if the token is sent in plain text although
// the base URL has the scheme https.
func follow(t testing.TB, base, next string, opts ...transport.Option) (requested []string, records int, err error) {
	t.Helper()
	network := transporttest.Memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested = append(requested, r.URL.String())
		if r.Header.Get("Authorization") != "" && strings.HasPrefix(base, "https:") {
			assert.Equal(t, "https", r.URL.Scheme, "the token is sent in plain text")
		}
		body := map[string]any{"data": transporttest.IDRecords(1, 1)}
		if len(requested) == 1 {
			body["next"] = next
		}
		_ = json.NewEncoder(w).Encode(body)
	})}
	opts = append(opts, transport.WithLogger(transporttest.Quiet), transport.WithRoundTripper(network), transport.WithAuth(auth.Bearer("tok-0123456789")))
	client, err := transport.New(base, opts...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/items", RecordsAt: "data"}, paging.NextURL{At: "next"}))
	return requested, len(got), err
}

// A source behind a gateway that terminates TLS may write its own URLs with http.
func TestANextURLWithoutTLSIsRequestedWithTLSOrTheErrorNamesTheScheme(t *testing.T) {
	const next = "http://api.test/v1/items?page=2"
	for name, opts := range map[string][]transport.Option{
		"host not allowed": nil, "host allowed": {transport.WithHosts("api.test:80")},
	} {
		t.Run(name, func(t *testing.T) {
			_, records, err := follow(t, "https://api.test/v1", next, opts...)
			if err != nil {
				assert.Contains(t, strings.ReplaceAll(err.Error(), next, ""), "http", "the error does not name the scheme")
			} else {
				assert.Equal(t, 2, records)
			}
		})
	}
}

// RFC 5952 and RFC 5891 allow several spellings of an address and of a name.
func TestANextURLMaySpellTheHostDifferently(t *testing.T) {
	for _, c := range []struct{ name, base, next string }{
		{"https for http", "http://api.test/v1", "https://api.test/v1/items?page=2"},
		{"default port", "https://api.test/v1", "https://api.test:443/v1/items?page=2"},
		{"upper case", "https://api.test/v1", "https://API.Test/v1/items?page=2"},
		{"no scheme", "https://api.test/v1", "//api.test/v1/items?page=2"},
		{"IPv6 address in full", "https://[2001:db8::1]/v1", "https://[2001:0db8:0:0:0:0:0:1]/v1/items?page=2"},
		{"name in Punycode", "https://bücher.test/v1", "https://xn--bcher-kva.test/v1/items?page=2"},
		{"space in the query", "https://api.test/v1", "https://api.test/v1/items?filter=a b&page=2"},
		{"umlaut in the query", "https://api.test/v1", "https://api.test/v1/items?city=Zürich&page=2"},
		{"unescaped percent sign", "https://api.test/v1", "https://api.test/v1/items?off=50%&page=2"},
		{"surrounding white space", "https://api.test/v1", " https://api.test/v1/items?page=2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, records, err := follow(t, c.base, c.next)
			assert.NoError(t, err)
			assert.Equal(t, 2, records)
		})
	}
}

func TestANextURLOfAnotherHostIsAnError(t *testing.T) {
	requested, _, err := follow(t, "https://api.test/v1", "http://backend.internal:8080/v1/items?page=2")
	assert.Error(t, err)
	assert.Len(t, requested, 1, "nothing is sent to the other host")
}
