package replay

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

// A scrubber replaces secrets in requests and responses. It is immutable and safe for
// concurrent use.
type scrubber struct {
	secrets []*secret
	keep    map[string]bool
}

// and returns a scrubber with additional secrets.
func (s *scrubber) and(values ...string) *scrubber {
	more := &scrubber{secrets: slices.Clone(s.secrets), keep: s.keep}
	for _, v := range values {
		if v != "" && v != placeholder && !slices.ContainsFunc(more.secrets, func(s *secret) bool { return s.plain == v }) {
			more.secrets = append(more.secrets, newSecret(v))
		}
	}
	// Longest first, because a secret may be a prefix of another.
	slices.SortStableFunc(more.secrets, func(a, b *secret) int { return len(b.plain) - len(a.plain) })
	return more
}

// text replaces the secrets in a text.
func (s *scrubber) text(text string) string {
	for _, secret := range s.secrets {
		text = secret.hideBase64(secret.hidePlain(text))
	}
	return text
}

// url replaces the secrets in a URL. It searches each segment of the path separately
// for base64, because the alphabet of base64 contains the slash.
func (s *scrubber) url(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.User != nil {
		u.User = nil
		raw = u.String()
	}
	for _, secret := range s.secrets {
		path, query, found := strings.Cut(secret.hidePlain(raw), "?")
		segments := strings.Split(path, "/")
		for i, segment := range segments {
			segments[i] = secret.hideBase64(segment)
		}
		raw = strings.Join(segments, "/")
		if found {
			raw += "?" + secret.hideBase64(query)
		}
	}
	return s.params(raw, secretParam)
}

var (
	// param matches a parameter of a form or of a URL, even if the URL is in JSON or
	// HTML.
	param = regexp.MustCompile(`(^|[?&]|&amp;|\\u0026)([\w.\[\]%-]+)=([^&"'<>\s\\#]+)`)
	// member matches a JSON member that is secret in any body.
	member = regexp.MustCompile(`(?is)"(` + secretname.MemberPattern() + `)"(\s*:\s*)"((?:[^"\\]|\\.)+)"`)
)

// params replaces the values of secret parameters.
func (s *scrubber) params(text string, isSecret func(string) bool) string {
	return param.ReplaceAllStringFunc(text, func(found string) string {
		m := param.FindStringSubmatch(found)
		if s.kept(m[2]) || !isSecret(m[2]) {
			return found
		}
		return m[1] + m[2] + "=" + placeholder
	})
}

// body replaces the secrets in a body. In a body that is not valid UTF-8, it replaces
// only the known secrets.
func (s *scrubber) body(body, contentType string) string {
	body = s.text(body)
	if !utf8.ValidString(body) {
		return body
	}
	if isForm(contentType) {
		return s.params(body, formSecrets(body))
	}
	body = s.params(body, secretParam)
	return member.ReplaceAllStringFunc(body, func(found string) string {
		m := member.FindStringSubmatch(found)
		if s.kept(m[1]) {
			return found
		}
		return `"` + m[1] + `"` + m[2] + `"` + placeholder + `"`
	})
}

// headers returns a copy of header without secrets.
func (s *scrubber) headers(header http.Header) http.Header {
	scrubbed := make(http.Header, len(header))
	for name, values := range header {
		for _, v := range values {
			switch {
			case name == "Set-Cookie":
				v = hideCookie(v)
			case secretHeader(name) && !s.kept(name):
				v = placeholder
			default:
				v = s.params(s.text(v), secretParam)
			}
			scrubbed[name] = append(scrubbed[name], v)
		}
	}
	return scrubbed
}

// hideCookie replaces the value of a Set-Cookie header. It removes the expiry, because
// the cookie must be valid at the time of every replay.
func hideCookie(v string) string {
	parts := strings.Split(v, ";")
	name, _, _ := strings.Cut(parts[0], "=")
	kept := []string{name + "=" + placeholder}
	for _, attribute := range parts[1:] {
		switch key, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(attribute)), "="); key {
		case "path", "domain", "secure", "httponly", "samesite":
			kept = append(kept, strings.TrimSpace(attribute))
		}
	}
	return strings.Join(kept, "; ")
}

// request replaces the secrets in a request.
func (s *scrubber) request(r *cassette.Request) {
	r.URL, r.Host = s.url(r.URL), s.text(r.Host)
	r.Body = s.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = s.headers(r.Headers)
	r.ContentLength = int64(len(r.Body))
}

// response replaces the secrets in a response.
func (s *scrubber) response(r *cassette.Response) {
	before := len(r.Body)
	r.Body = s.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = s.headers(r.Headers)
	if len(r.Body) != before {
		fitLength(r)
	}
}

// shortestLearned is the minimum length in bytes of a credential that is replaced
// wherever else it occurs. A shorter one may occur by chance.
const shortestLearned = 16

// learned returns the credentials of a request. They are treated like the values of
// Scrub, so that a session token is also replaced in the response that issued it.
func (s *scrubber) learned(r *cassette.Request) []string {
	var values []string
	add := func(name, value string) {
		if len(value) >= shortestLearned && !secretname.OneRequest(name) && !s.kept(name) {
			values = append(values, value)
		}
	}
	for name, all := range r.Headers {
		for _, v := range all {
			addHeader(add, name, v)
		}
	}
	_, query, _ := strings.Cut(r.URL, "?")
	addParams(add, query, secretParam)
	if isForm(r.Headers.Get("Content-Type")) {
		addParams(add, r.Body, formSecrets(r.Body))
	}
	return append(values, s.tokens(r.Body)...)
}

// addHeader adds the credentials in a header.
func addHeader(add func(name, value string), name, v string) {
	if name == "Cookie" {
		cookies, _ := http.ParseCookie(v) // a malformed cookie holds no session
		for _, c := range cookies {
			add(name, c.Value)
		}
		return
	}
	if !secretHeader(name) {
		return
	}
	scheme, credential, found := strings.Cut(v, " ")
	if !found {
		credential = scheme
	}
	add(name, credential)
	if pair, err := base64.StdEncoding.DecodeString(credential); err == nil && strings.EqualFold(scheme, "Basic") {
		user, password, _ := strings.Cut(string(pair), ":")
		add(name, cmp.Or(password, user)) // some sources expect a key as the user name
	}
}

// addParams adds the values of secret parameters.
func addParams(add func(name, value string), text string, isSecret func(string) bool) {
	for _, m := range param.FindAllStringSubmatch(text, -1) {
		if value, err := url.QueryUnescape(m[3]); err == nil && isSecret(m[2]) {
			add(m[2], value)
		}
	}
}

// tokens returns the credentials in a JSON body that are long enough to be unique.
func (s *scrubber) tokens(body string) []string {
	var values []string
	for _, m := range member.FindAllStringSubmatch(body, -1) {
		var value string
		if json.Unmarshal([]byte(`"`+m[3]+`"`), &value) == nil && len(value) >= shortestLearned && !s.kept(m[1]) {
			values = append(values, value)
		}
	}
	return values
}

// find returns the form in which a text contains a secret, or "".
func (s *scrubber) find(text string) (form string) {
	for _, secret := range s.secrets {
		form = cmp.Or(form, secret.form(text))
	}
	return form
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
