package transport_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
)

// uriServer returns a server that responds with the URI of each request as it was sent.
func uriServer(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := json.Marshal(r.RequestURI)
		_, _ = w.Write(b)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestAPathIsSentAsWrittenWithTheCharactersEscapedThatAURLMustNotHave(t *testing.T) {
	c, err := transport.New(uriServer(t)+"/v1", transport.WithQuery("k", "1"), transport.WithAuth(auth.QueryKey("key", "k-1")))
	require.NoError(t, err)
	defer c.Close()
	for path, want := range map[string]string{
		"/a?z=1&b=a;b&c=50%&d=%20+&e&f=": "/v1/a?z=1&b=a;b&c=50%&d=%20+&e&f=&k=1&key=k-1",
		"/a?filter=name eq 'x y'":        "/v1/a?filter=name%20eq%20'x%20y'&k=1&key=k-1",
		"/a?$filter=x&p[n]=1&q={a|b}^`":  "/v1/a?$filter=x&p[n]=1&q={a|b}^`&k=1&key=k-1",
		"/a?city=Zürich&q=\"<>\"":        "/v1/a?city=Z%C3%BCrich&q=%22%3C%3E%22&k=1&key=k-1",
		"/ä b|c/%2F^{}\\%C3%A4":          "/v1/%C3%A4%20b%7Cc/%2F%5E%7B%7D%5C%C3%A4?k=1&key=k-1",
		"/a?k=2":                         "/v1/a?k=2&key=k-1",
		"/a?%6B=50%":                     "/v1/a?%6B=50%&key=k-1",
		"/a?x=1;k=2":                     "/v1/a?x=1;k=2&k=1&key=k-1",
		"/a?k%65y=old&b":                 "/v1/a?k%65y=k-1&b&k=1",
		"/a?":                            "/v1/a?k=1&key=k-1",
		"?b=1":                           "/v1?b=1&k=1&key=k-1",
		"/a:b/c?t=10:30":                 "/v1/a:b/c?t=10:30&k=1&key=k-1",
	} {
		got, err := transport.Get[string](ctx, c, transport.Request{Path: path})
		require.NoError(t, err, path)
		assert.Equal(t, want, got, path)
	}
}

func TestAPathWithDataThatIsNotEscapedIsAnError(t *testing.T) {
	c := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for path, want := range map[string]string{
		"/files/50%/x": "url.PathEscape", "/%zz": "url.PathEscape", "/files/a#b": "fragment", "/a?color=#fff": "fragment",
		"/a\nb": "control character (U+000A) at byte 3", "/a?b=\x00": "control character",
	} {
		_, err := c.Do(ctx, transport.Request{Path: path})
		assert.ErrorContains(t, err, want, path)
		assert.Equal(t, 0, asError(t, err).Attempts)
	}
}

func TestParametersInThePathAreReadAndReplacedByteForByte(t *testing.T) {
	for _, tt := range []struct{ path, value, want string }{
		{"/a?cursor=a;b&page=1&z=50%", "1", "/a?cursor=a;b&z=50%"},
		{"/a?p%61ge=1%20+%", "1  %", "/a"},
		{"/a?page=1&x=#f", "1", "/a?x=#f"},
		{"/a?page&b=+&page=2", "", "/a?b=+"},
		{"?a=%&page=7", "7", "?a=%"},
		{"/50%/a b?page=7", "7", "/50%/a b"},
	} {
		r := transport.Request{Path: tt.path}
		got, found, err := r.Param("page", false)
		require.NoError(t, err)
		assert.True(t, found, tt.path)
		assert.Equal(t, tt.value, got, tt.path)
		next, err := r.WithParam("page", false, 2)
		require.NoError(t, err)
		assert.Equal(t, tt.want, next.Path)
		assert.Equal(t, url.Values{"page": {"2"}}, next.Query)
		assert.Equal(t, tt.path, r.Path)
	}
	_, found, err := transport.Request{Path: "/page=1?x;page=1&y=page"}.Param("page", false)
	require.NoError(t, err)
	assert.False(t, found)
}

func TestAMethodOrAHeaderThatCannotBeSentIsAnErrorAtOnceWithoutItsValue(t *testing.T) {
	c := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, req := range []transport.Request{
		{Method: "GE T"}, {Method: "GET\n"}, {Header: http.Header{"X-Own": {"s3cret\n"}}}, {Header: http.Header{"X Own": {"s3cret"}}},
		{Header: http.Header{"X-Own": {"a", "s3cret\x00"}}},
	} {
		_, err := c.Do(ctx, req)
		e := asError(t, err)
		assert.Equal(t, "defect", kindName(e))
		assert.Equal(t, 0, e.Attempts)
		assert.NotContains(t, err.Error(), "s3cret")
	}
	hooked := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") },
		transport.OnRequest(func(r *http.Request) error { r.Header.Set("X-Hook", "s3cret\r\nX: y"); return nil }))
	_, err := hooked.Do(ctx, transport.Request{})
	assert.ErrorContains(t, err, "X-Hook contains a line break at position 7 of 12")
	assert.Equal(t, "defect", kindName(asError(t, err)))
	assert.Equal(t, 1, asError(t, err).Attempts)
}

// The name of a header suggests that its value is a key of the configuration.
func TestAKeyInAnyHeaderThatCannotBeSentIsAConfigurationError(t *testing.T) {
	for _, name := range []string{"Authorization", "X-Api-Key", "X-Auth-Token"} {
		c := inMemory(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") },
			transport.OnRequest(func(r *http.Request) error { r.Header.Set(name, "s3cret\n"); return nil }))
		for _, header := range []http.Header{nil, {name: {"s3cret\x00"}}} {
			_, err := c.Do(ctx, transport.Request{Header: header})
			assert.True(t, asError(t, err).Configuration(), name)
			assert.NotContains(t, err.Error(), "s3cret")
			_, err = collect(transport.Stream[int](ctx, c, transport.Request{Header: header}, format.NDJSON{}))
			assert.True(t, asError(t, err).Configuration(), name)
		}
	}
	c := inMemory(t, func(http.ResponseWriter, *http.Request) {}, transport.OnRequest(func(*http.Request) error { return fixable{} }))
	_, err := c.Do(ctx, transport.Request{})
	assert.True(t, asError(t, err).Configuration())
}

type fixable struct{}

func (fixable) Error() string       { return "the key is empty" }
func (fixable) Configuration() bool { return true }

func TestAPastedKeyInTheQueryOfTheClientIsTrimmed(t *testing.T) {
	var got string
	c := inMemory(t, func(_ http.ResponseWriter, r *http.Request) { got = r.URL.RawQuery },
		transport.WithQuery("api_key", " \ufeffk-1\r\n"), transport.WithQuery("filter", " a "))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, "api_key=k-1&filter=+a+", got)
}

func TestAHeaderOfTheClientWithAPastedValueIsTrimmedOrAConfigurationError(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, []string{"key-1"}, r.Header["X-Api-Key"])
		assert.Equal(t, []string{"Zürich"}, r.Header["X-Team"])
	}, transport.WithHeader("X-Api-Key", "\ufeff key-1\r\n"), transport.WithHeader("X-Team", "Zürich "))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	for value, want := range map[string]string{"key\n1": "line break at position 4", "key…": "not in ASCII (U+2026)", "a\x00b": "control character"} {
		_, err := transport.New("https://h", transport.WithHeader("X-Api-Key", value))
		assert.ErrorContains(t, err, want)
		assert.True(t, asError(t, err).Configuration())
		assert.NotContains(t, err.Error(), value)
	}
}

func TestTheErrorOfABaseURLDoesNotRepeatAKeyInIt(t *testing.T) {
	for _, base := range []string{
		"https://user:s3cr@t/et@host", "https://user:s3cr#et@host", "https://user:s3cret@host:port", "https://user:s3cr%zz@host",
		"https://s3cret@host", "s3cretKey_0123456789", "eyJhbGciOiJIUzI1.s3cret.x", "https://us er:s3cret@host", "s3cret:x@host", "https://user:s3cr?et@host",
	} {
		_, err := transport.New(base)
		require.Error(t, err, base)
		assert.True(t, asError(t, err).Configuration(), base)
		for _, part := range []string{"s3cr", "%zz"} {
			assert.NotContains(t, err.Error(), part, base)
		}
	}
	for _, base := range []string{"https://bü_cher..test", "https://-ä.test"} {
		_, err := transport.New(base)
		assert.True(t, asError(t, err).Configuration(), base)
	}
	for _, base := range []string{"\ufeffhttps://h.test\u200b", "https://bücher.test/ä/", "https://[2001:db8::1]:8443/x", "https://h.test/a%2Fb"} {
		_, err := transport.New(base)
		assert.NoError(t, err, base)
	}
}

func TestWithHostsRefusesAnInvalidHost(t *testing.T) {
	for _, host := range []string{"", "https://h", "h/x", "u@h", "h?x", "h#x", "2001:db8::1", " h", "h:port", ":80", "h h", "*.h", "a,b"} {
		_, err := transport.New("https://x", transport.WithHosts(host))
		assert.ErrorContains(t, err, "WithHosts", host)
	}
	for _, host := range []string{"h", "H:8080", "[2001:db8::1]", "[::1]:80", "bücher.test"} {
		_, err := transport.New("https://x", transport.WithHosts(host))
		assert.NoError(t, err, host)
	}
}

// FuzzNextURL follows any URL from a source. What is requested is a URL of the source
// that can be sent, and the parameters of its query are those of the URL.
func FuzzNextURL(f *testing.F) {
	for _, next := range []string{"/a?b=50%;c", "https://api.example.com/a b?c|d=é#f", "?page=2", "//h/x", "http://API.example.com:80/%zz", "https://u:p@api.example.com/\\"} {
		f.Add(next)
	}
	f.Fuzz(func(t *testing.T, next string) {
		n := 0
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			if n++; n == 2 {
				if r.URL.Scheme != "https" || !strings.EqualFold(r.URL.Hostname(), "api.example.com") {
					t.Errorf("%q leads to %s", next, r.URL)
				}
				for _, b := range []byte(r.URL.RequestURI()) {
					if b <= ' ' || b >= 0x7f {
						t.Errorf("%q is sent as %q", next, r.URL.RequestURI())
					}
				}
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"data":[]}`))
		})
		for page, err := range transport.Pages(ctx, c, transport.Request{Path: "/items", RecordsAt: "data"}, nil) {
			if err != nil {
				t.Fatal(err)
			}
			req, err := page.Follow(next)
			if err != nil {
				return
			}
			_, err = c.Do(ctx, req)
			if err != nil && n == 2 {
				t.Fatalf("%q: %v", next, err)
			}
		}
	})
}
