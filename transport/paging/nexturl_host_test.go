package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

// A source has one scheme for each port, and the client never leaves https.
func TestANextURLOfTheSourceIsRequestedWithTheSchemeOfTheSource(t *testing.T) {
	for _, c := range []struct {
		name, base, next, want string
		opts                   []transport.Option
	}{
		{"default ports", "https://api.test/v1", "http://api.test/v1/items?a=b;c", "https://api.test/v1/items?a=b;c", nil},
		{"port 80", "https://api.test/v1", "http://API.test:80/v1/x", "https://API.test/v1/x", nil},
		{"https with port 80", "https://api.test/v1", "https://api.test:80/v1/x", "https://api.test/v1/x", nil},
		{"port 80 of the base URL", "https://api.test:80/v1", "https://api.test:80/v1/x", "https://api.test:80/v1/x", nil},
		{"port 443", "https://api.test/v1", "http://api.test:443/v1/x", "https://api.test:443/v1/x", nil},
		{"same port", "https://api.test:8443/v1", "http://api.test:8443/v1/x", "https://api.test:8443/v1/x", nil},
		{"same port without TLS", "http://api.test:8080/v1", "https://api.test:8080/v1/x", "http://api.test:8080/v1/x", nil},
		{"allowed host", "https://api.test/v1", "http://files.test/x", "https://files.test/x", []transport.Option{transport.WithHosts("files.test")}},
		{"allowed host and port", "https://api.test/v1", "http://files.test:8080/x", "https://files.test:8080/x", []transport.Option{transport.WithHosts("FILES.test:8080")}},
		{"default port of the allowed host", "https://api.test/v1", "https://files.test/x", "https://files.test/x", []transport.Option{transport.WithHosts("files.test:443")}},
		{"IPv6", "https://[2001:db8::1]/v1", "http://[2001:DB8:0::1]:80/x", "https://[2001:DB8:0::1]/x", nil},
		{"IPv6, allowed host", "https://api.test/v1", "https://[2001:DB8:0::1]:8443/x", "https://[2001:DB8:0::1]:8443/x", []transport.Option{transport.WithHosts("[2001:db8::1]:8443")}},
		{"Punycode for the base URL", "https://xn--bcher-kva.test/v1", "http://BÜCHER.test/x", "https://B%C3%9CCHER.test/x", nil},
		{"Punycode in upper case", "https://bücher.test/v1", "https://XN--BCHER-KVA.test/x", "https://XN--BCHER-KVA.test/x", nil},
		{"decomposed umlaut", "https://bücher.test/v1", "https://bu\u0308cher.test/x", "https://bu%CC%88cher.test/x", nil},
		{"escaped umlaut, allowed host", "https://api.test/v1", "https://b%C3%BCcher.test/x", "https://b%C3%BCcher.test/x", []transport.Option{transport.WithHosts("bücher.test")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			requested, records, err := follow(t, c.base, c.next, c.opts...)
			require.NoError(t, err)
			assert.Equal(t, 2, records)
			assert.Equal(t, c.want, requested[1])
		})
	}
}

func TestTheErrorOfANextURLOfAnotherHostSaysWhatDiffers(t *testing.T) {
	for _, c := range []struct{ base, next, want string }{
		{"https://api.test", "http://backend.internal:8080/x", `http://backend.internal:8080: if it belongs to the source, pass transport.WithHosts("backend.internal:8080")`},
		{"https://api.test", "http://api.test:8080/x", "not its scheme and port"},
		{"https://api.test:8443", "http://api.test/x", "not its scheme and port"},
		{"http://localhost:8080", "http://localhost/x", `not its port: if both belong to the source, pass transport.WithHosts("localhost")`},
		{"http://localhost:8080", "https://localhost/x", "not its scheme and port"},
		{"https://api.test", "https://api.test.evil.test/x", "WithHosts"},
		{"https://api.test", "https://user:s3cret@evil.test/x", "WithHosts"},
		{"https://api.test", "https://evil.test\\@api.test/x", "not a URL"},
		{"https://api.test", "https://api.test:s3cret@evil.test:x/", "not a URL"},
		{"https://api.test", "https:/x", "no host"},
		{"https://api.test", "javascript:alert(1)", "scheme"},
		{"https://api.test", "2024-01-01T00:00:00Z", "not a URL"},
		{"https://api.test", "/items?cursor=a\nb", "control character (U+000A) at byte 16"},
	} {
		requested, records, err := follow(t, c.base, c.next)
		assert.ErrorContains(t, err, c.want, c.next)
		assert.Equal(t, 1, records)
		assert.Len(t, requested, 1, "nothing is sent to the other host")
		assert.NotContains(t, fmt.Sprint(err), "s3cret")
		assert.False(t, transporttest.AsError(t, err).Temporary())
	}
}

func TestANextURLMayHaveCharactersThatAURLMustNotHave(t *testing.T) {
	for next, want := range map[string]string{
		"/v1/50%/a|b^c?d=a|b^c":        "/v1/50%25/a%7Cb%5Ec?d=a|b^c",
		"/v1/%2F|x?a=%2f":              "/v1/%2F%7Cx?a=%2f",
		"/v1/a b/ü?q=\"<ü>\" #c":       "/v1/a%20b/%C3%BC?q=%22%3C%C3%BC%3E%22%20",
		"?cursor=50%&x=;&y[]=+&z==#/a": "/v1/items?cursor=50%&x=;&y[]=+&z==",
		"https://api.test?page=2":      "?page=2",
		"items?page=2":                 "/v1/items?page=2",
		"../v2/items?":                 "/v2/items?",
	} {
		requested, records, err := follow(t, "https://api.test/v1", next)
		require.NoError(t, err, next)
		assert.Equal(t, 2, records)
		assert.Equal(t, "https://api.test"+want, requested[1], next)
	}
}

func TestALinkHeaderIsFollowedWithTheSchemeOfTheSource(t *testing.T) {
	var requested []string
	client := transporttest.InMemory(t, func(w http.ResponseWriter, r *http.Request) {
		requested = append(requested, r.URL.String())
		if len(requested) == 1 {
			w.Header().Set("Link", `<http://api.example.com/items?after=a;b&q=50%>; rel="next"`)
		}
		transporttest.WriteItems(w, 1, 1, "")
	}, transport.WithAuth(auth.QueryKey("api_key", "key-0123456789")))
	_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/items", RecordsAt: "data"}, paging.LinkHeader{}))
	require.NoError(t, err)
	assert.Equal(t, "https://api.example.com/items?after=a;b&q=50%&api_key=key-0123456789", requested[1])
}
