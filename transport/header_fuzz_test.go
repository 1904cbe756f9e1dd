package transport

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
)

// FuzzCodings reads any Content-Encoding. The result is bounded, or an error in words.
func FuzzCodings(f *testing.F) {
	for _, line := range []string{"", "gzip", "gzip, deflate", "identity,,GZIP ", ",,,,,,,,,,", "br", "x\"y"} {
		f.Add(line, line)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		codings, err := codingsOf([]string{a, b})
		if len(codings) > maxCodings || err != nil && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("%q, %v", codings, err)
		}
		resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Encoding": {a, b}}, Body: http.NoBody}
		if _, err := newBodyReader(resp); err != nil && len(err.Error()) > 500 {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

// FuzzCookies stores any Set-Cookie header. What is kept is bounded and can be sent.
func FuzzCookies(f *testing.F) {
	for _, line := range []string{"a=b", "a=b; Path=/x; Domain=example.com; Max-Age=1", "=", "a=\"b", "a=b; Path=x; Domain=.", ";;;"} {
		f.Add(line, "/orders/1")
	}
	f.Fuzz(func(t *testing.T, line, path string) {
		c := newCookies()
		at := &url.URL{Scheme: "https", Host: "api.example.com", Path: path}
		c.store(at, &http.Response{Header: http.Header{"Set-Cookie": {line, line}}})
		size := 0
		for _, cookie := range c.jar.Cookies(at) {
			size += len(cookie.Name) + len(cookie.Value)
		}
		if size > maxCookieSize || len(c.kept) > 1 {
			t.Fatalf("%d bytes, %d cookies", size, len(c.kept))
		}
		c.add((&http.Request{URL: at, Header: http.Header{}}).WithContext(t.Context()))
	})
}
