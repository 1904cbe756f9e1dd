package replay

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

// plainMask replaces a secret where brackets are not allowed: in the name of a host, in the
// user information of a URL, and in the name of a header.
const plainMask = "redacted"

// A scrubber replaces secrets in requests and responses. Package redact finds the secrets;
// the scrubber knows the parts of HTTP messages. It is immutable and safe for concurrent
// use.
type scrubber struct {
	values  []string
	secrets *redact.Set
	keep    map[string]bool
	// responses makes the scrubber replace the parts of secrets where a text was truncated,
	// such as in an error message, and keep the padding of base64. In requests it does
	// neither: a request must have the same form with each secret.
	responses bool
}

// and returns a scrubber with additional secrets.
func (s *scrubber) and(values ...string) *scrubber {
	more := *s
	more.values = slices.Clone(s.values)
	for _, v := range values {
		if v != "" && v != redact.Mask && !slices.Contains(more.values, v) {
			more.values = append(more.values, v)
		}
	}
	if len(more.values) > len(s.values) {
		more.secrets = s.secrets.With(more.values)
	}
	return &more
}

// spelledMask matches a mask that a connector has received in place of a secret and sends
// back in a URL or in hexadecimal digits.
var spelledMask = regexp.MustCompile(`(?i)%(?:25)*5Bredacted%(?:25)*5D|5b72656461637465645d`)

// text replaces the secrets in a text.
func (s *scrubber) text(text string) string { return s.mask(s.base64(text)) }

// mask replaces the secrets in a text, also those in base64, by the mask.
func (s *scrubber) mask(text string) string {
	if s.responses {
		return s.secrets.Text(text)
	}
	return spelledMask.ReplaceAllLiteralString(s.secrets.Uncut(text), redact.Mask)
}

// spans reports whether a secret in a text extends over several of the pieces that a regular
// expression matches. Such a text must be masked as a whole first: what replaces a part of the
// secret in one piece would hide that the other pieces contain the rest.
func (s *scrubber) spans(text string, piece *regexp.Regexp) bool {
	return piece.ReplaceAllStringFunc(text, s.mask) != s.mask(text)
}

// name replaces the secrets in a name that must not contain brackets.
func (s *scrubber) name(name string) string {
	if clean := s.text(name); clean != name {
		return strings.ReplaceAll(clean, redact.Mask, plainMask)
	}
	return name
}

// component replaces the secrets in a component of a URL or of a form. A component that
// contains none keeps its escapes.
func (s *scrubber) component(part string, unescape func(string) (string, error), escape func(string) string) string {
	plain, err := unescape(part)
	if err != nil {
		return s.text(part)
	}
	if clean := s.text(plain); clean != plain {
		return spelledMask.ReplaceAllLiteralString(escape(clean), redact.Mask)
	}
	return part
}

// The pieces of a query or a form, and of a path, that are scrubbed one by one.
var (
	pair    = regexp.MustCompile(`[^&]+`)
	segment = regexp.MustCompile(`[^/]+`)
)

// pairs replaces the secrets in a query or a form.
func (s *scrubber) pairs(text string) string {
	if s.spans(text, pair) {
		text = s.mask(text)
	}
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		pairs[i] = s.component(name, url.QueryUnescape, url.QueryEscape)
		if found {
			pairs[i] += "=" + s.component(value, url.QueryUnescape, url.QueryEscape)
		}
	}
	return s.text(strings.Join(pairs, "&")) // a secret may contain an ampersand that is not escaped
}

// url replaces the secrets in the URL of a request. It omits the fragment, which is not sent.
func (s *scrubber) url(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return s.params(s.text(raw), secretParam)
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.Host = s.name(u.Host)
	path, query, found := strings.Cut(u.String(), "?")
	origin := ""
	if u.Host != "" {
		origin = u.Scheme + "://" + u.Host
	}
	path = strings.TrimPrefix(path, origin)
	if s.spans(path, segment) {
		path = s.mask(path)
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = s.component(segment, url.PathUnescape, url.PathEscape)
	}
	path = s.text(strings.Join(segments, "/")) // a secret may contain a slash that is not escaped
	if found {
		path += "?" + s.pairs(query)
	}
	return origin + s.params(path, secretParam)
}

var (
	// param matches a parameter of a form or of a URL, even if the URL is in JSON or
	// HTML.
	param = regexp.MustCompile(`(^|[?&#]|&amp;|\\u0026)([\w.\[\]%-]+)=([^&"'<>\s\\#]+)`)
	// member matches a JSON member that is secret in any body.
	member = regexp.MustCompile(`(?is)"(` + secretname.MemberPattern() + `)"(\s*:\s*)"((?:[^"\\]|\\.)+)"`)
	// password matches the password in a URL.
	password = regexp.MustCompile(`(://[^\s/?#:@"'<>\\]*:)([^\s/?#@"'<>\\]+)@`)
)

// params replaces the values of secret parameters.
func (s *scrubber) params(text string, isSecret func(string) bool) string {
	return param.ReplaceAllStringFunc(text, func(found string) string {
		m := param.FindStringSubmatch(found)
		if s.kept(m[2]) || !isSecret(m[2]) {
			return found
		}
		return m[1] + m[2] + "=" + redact.Mask
	})
}

// content replaces the secrets in a text and in the strings of JSON, which may contain
// JSON, too.
func (s *scrubber) content(text string) string {
	if mapped, ok := mapJSON(text, s.content, s.number); ok {
		text = mapped
	}
	text = password.ReplaceAllString(s.text(text), "${1}"+plainMask+"@")
	text = s.params(text, secretParam)
	return member.ReplaceAllStringFunc(text, func(found string) string {
		m := member.FindStringSubmatch(found)
		if s.kept(m[1]) {
			return found
		}
		return `"` + m[1] + `"` + m[2] + `"` + redact.Mask + `"`
	})
}

// number replaces a number of JSON that contains a secret. It stays a number, so that a
// recording can be decoded.
func (s *scrubber) number(digits string) string {
	if s.text(digits) != digits {
		return "0"
	}
	return digits
}

// body replaces the secrets in a body. In a body that is not valid UTF-8, it replaces
// only the known secrets.
func (s *scrubber) body(body, contentType string) string {
	switch {
	case !utf8.ValidString(body):
		return s.text(body)
	case isForm(contentType):
		return s.params(s.pairs(body), formSecrets(body))
	}
	return s.content(body)
}

// headers returns a copy of header without secrets.
func (s *scrubber) headers(header http.Header) http.Header {
	scrubbed := make(http.Header, len(header))
	for name, values := range header {
		clean := name
		if s.name(name) != name {
			clean = http.CanonicalHeaderKey(s.name(name))
		}
		for _, v := range values {
			switch {
			case name == "Set-Cookie":
				v = s.cookie(v)
			case secretHeader(name) && !s.kept(name):
				v = redact.Mask
			default:
				v = s.content(v)
			}
			scrubbed[clean] = append(scrubbed[clean], v)
		}
	}
	return scrubbed
}

// cookie replaces the value of a Set-Cookie header. It removes the expiry, because
// the cookie must be valid at the time of every replay.
func (s *scrubber) cookie(v string) string {
	parts := strings.Split(v, ";")
	name, _, _ := strings.Cut(parts[0], "=")
	kept := []string{s.name(name) + "=" + redact.Mask}
	for _, attribute := range parts[1:] {
		attribute = strings.TrimSpace(attribute)
		switch key, _, _ := strings.Cut(strings.ToLower(attribute), "="); key {
		case "path":
			kept = append(kept, s.text(attribute))
		case "domain":
			kept = append(kept, s.name(attribute))
		case "secure", "httponly", "samesite":
			kept = append(kept, attribute)
		}
	}
	return strings.Join(kept, "; ")
}

// request replaces the secrets in a request.
func (s *scrubber) request(r *cassette.Request) {
	r.URL, r.Host = s.url(r.URL), s.name(r.Host)
	r.Body = s.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = s.headers(r.Headers)
	r.ContentLength = int64(len(r.Body))
}

// response replaces the secrets in a response.
func (s *scrubber) response(r *cassette.Response) {
	of := *s
	of.responses = true
	before := len(r.Body)
	r.Status = of.text(r.Status)
	r.Body = of.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = of.headers(r.Headers)
	if len(r.Body) != before {
		fitLength(r)
	}
}

// kept reports whether Keep names a name.
func (s *scrubber) kept(name string) bool { return s.keep[strings.ToLower(name)] }

// secretHeader reports whether a header's value is replaced. The connector needs
// page tokens to read on.
func secretHeader(name string) bool {
	return secretname.Header(name) && !secretname.PageHeader(name)
}

// secretParam reports whether the value of a parameter is replaced. The name may
// be escaped.
func secretParam(name string) bool {
	return secretname.Parameter(unescaped(name))
}

// formSecrets returns the function that reports whether a field of a form is
// secret. An authorization code is secret in a token request, which has a
// grant_type. Elsewhere a code may be anything.
func formSecrets(body string) func(string) bool {
	grant := strings.Contains(body, "grant_type=")
	return func(name string) bool {
		return secretParam(name) || grant && secretname.GrantField(unescaped(name))
	}
}

func isForm(contentType string) bool {
	return strings.HasPrefix(strings.ToLower(contentType), "application/x-www-form-urlencoded")
}
