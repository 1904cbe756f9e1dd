package transport

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/query"
)

// maxURL is the largest number of bytes of a URL. Servers accept less, and each copy of a
// longer one takes memory. A source whose URL or token grows with each page exceeds it.
const maxURL = 64 << 10

// checkURLSize returns an error if a URL of n bytes is too long.
func checkURLSize(n int) error {
	if n > maxURL {
		return &urlSizeError{n}
	}
	return nil
}

// A urlSizeError reports a URL that is too long.
type urlSizeError struct{ n int }

func (e *urlSizeError) Error() string {
	return fmt.Sprintf("a URL of %d bytes: %v: more than %d bytes: if the source sent it, check whether its URL or token grows with each page; send long parameters in the body of a request", e.n, ErrTooLarge, maxURL)
}

func (e *urlSizeError) Is(target error) bool { return target == ErrTooLarge }

// parseURL parses the text of a URL from a source, such as that of the next page. As
// browsers do, it escapes characters that a URL must not have and that sources write
// nevertheless, and removes the fragment, which is never sent. It also removes a user name
// and a password, which net/http would send in addition to the client's credentials. It
// does not change anything else in the query: RFC 3986 §3.4 allows a source to tell "%20"
// from "+", and some sources write a percent sign that does not begin an escape.
func parseURL(text string) (*url.URL, error) {
	if err := checkURLSize(len(text)); err != nil {
		return nil, err
	}
	escaped, err := escapeURL(strings.Trim(text, " \t\r\n"))
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(escaped)
	if err != nil {
		return nil, parseReason(text, err)
	}
	u.User = nil
	return u, nil
}

// parseReason returns the reason of an error of url.Parse, without the URL. The reason
// quotes a part of the URL. It is left out if the URL may contain a password.
func parseReason(text string, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if strings.Contains(text, "@") {
		return errors.New("not a URL")
	}
	return fmt.Errorf("not a URL: %w", err)
}

// escapeURL returns the text of a URL with the characters escaped that url.Parse refuses
// or that end a request line. Its host stays as it is.
func escapeURL(text string) (string, error) {
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return "", fmt.Errorf("not a URL: it contains a control character (%U) at byte %d", rune(text[i]), i+1)
		}
	}
	rest, q, _, found := query.Split(text)
	n := authorityEnd(rest)
	var b strings.Builder
	b.WriteString(rest[:n])
	for i := n; i < len(rest); i++ {
		c := rest[i]
		if c == '%' && !query.IsEscape(rest[i:]) || c != '%' && !pathByte(c) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if found {
		b.WriteByte('?')
		escapeQuery(&b, q)
	}
	return b.String(), nil
}

// escapeQuery escapes the bytes of a query that browsers escape.
func escapeQuery(b *strings.Builder, query string) {
	for i := range len(query) {
		switch c := query[i]; {
		case c <= ' ', c >= 0x7f, c == '"', c == '<', c == '>':
			fmt.Fprintf(b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
}

// authorityEnd returns the length of the scheme and the authority that a URL begins
// with.
func authorityEnd(text string) int {
	start := 0
	if i := strings.Index(text, "://"); i > 0 && !strings.ContainsAny(text[:i], "/.%") {
		start = i + 1
	}
	if !strings.HasPrefix(text[start:], "//") {
		return 0
	}
	start += 2
	if i := strings.IndexByte(text[start:], '/'); i >= 0 {
		return start + i
	}
	return len(text)
}

// pathByte reports whether a path may contain a byte (RFC 3986 §3.3). Brackets are not
// allowed there, but every server and package net/url accept them.
func pathByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("-._~!$&'()*+,;=:@/[]", c) >= 0
}
