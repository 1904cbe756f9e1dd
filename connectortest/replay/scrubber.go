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

// A scrubber takes secrets out of requests and responses. It is never changed,
// and so may be used by several goroutines.
type scrubber struct {
	secrets []*secret
	keep    map[string]bool
}

// and returns a scrubber of further secrets.
func (s *scrubber) and(values ...string) *scrubber {
	more := &scrubber{secrets: slices.Clone(s.secrets), keep: s.keep}
	for _, v := range values {
		if v != "" && v != placeholder && !slices.ContainsFunc(more.secrets, func(s *secret) bool { return s.plain == v }) {
			more.secrets = append(more.secrets, newSecret(v))
		}
	}
	// The longest first: a secret may be the beginning of another.
	slices.SortStableFunc(more.secrets, func(a, b *secret) int { return len(b.plain) - len(a.plain) })
	return more
}

// text takes the secrets out of a text.
func (s *scrubber) text(text string) string {
	for _, secret := range s.secrets {
		text = secret.hideBase64(secret.hidePlain(text))
	}
	return text
}

// url takes the secrets out of a URL. Segments of the path are looked at one by
// one for base64, of whose alphabet the slash is.
func (s *scrubber) url(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.User != nil {
		u.User = nil
		raw = u.String()
	}
	for _, secret := range s.secrets {
		path, query, asks := strings.Cut(secret.hidePlain(raw), "?")
		segments := strings.Split(path, "/")
		for i, segment := range segments {
			segments[i] = secret.hideBase64(segment)
		}
		raw = strings.Join(segments, "/")
		if asks {
			raw += "?" + secret.hideBase64(query)
		}
	}
	return s.params(raw, secretParam)
}

var (
	// A parameter of a URL, which may stand in JSON or HTML, or of a form.
	param = regexp.MustCompile(`(^|[?&]|&amp;|\\u0026)([\w.\[\]%-]+)=([^&"'<>\s\\#]+)`)
	// A member of a JSON object that holds a credential wherever there is one.
	member = regexp.MustCompile(`(?is)"(` + secretname.MemberPattern() + `)"(\s*:\s*)"((?:[^"\\]|\\.)+)"`)
)

// params replaces the values of parameters whose names are secret.
func (s *scrubber) params(text string, isSecret func(string) bool) string {
	return param.ReplaceAllStringFunc(text, func(found string) string {
		m := param.FindStringSubmatch(found)
		if s.kept(m[2]) || !isSecret(m[2]) {
			return found
		}
		return m[1] + m[2] + "=" + placeholder
	})
}

// body takes the secrets out of a body. What is no text is only looked through
// for the secrets themselves.
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

// hideCookie keeps what a cookie is about, but not when it ends: the cookie has
// to be good whenever it is replayed.
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

func (s *scrubber) request(r *cassette.Request) {
	r.URL, r.Host = s.url(r.URL), s.text(r.Host)
	r.Body = s.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = s.headers(r.Headers)
	r.ContentLength = int64(len(r.Body))
}

func (s *scrubber) response(r *cassette.Response) {
	before := len(r.Body)
	r.Body = s.body(r.Body, r.Headers.Get("Content-Type"))
	r.Headers = s.headers(r.Headers)
	if len(r.Body) != before {
		fitLength(r)
	}
}

// learned returns the credentials that a request holds where credentials stand.
// They are secrets as if they were given, so that a session's token isn't left
// in the answer that the source gave it with. Short values are left: they may be
// anything, and stand anywhere.
func (s *scrubber) learned(r *cassette.Request) []string {
	var values []string
	add := func(name, value string) {
		if len(value) >= 16 && !secretname.OneRequest(name) && !s.kept(name) {
			values = append(values, value)
		}
	}
	for name, all := range r.Headers {
		for _, v := range all {
			switch {
			case name == "Cookie":
				cookies, _ := http.ParseCookie(v) // what is none holds no session
				for _, c := range cookies {
					add(name, c.Value)
				}
			case secretHeader(name):
				scheme, credential, found := strings.Cut(v, " ")
				if !found {
					credential = scheme
				}
				add(name, credential)
				if pair, err := base64.StdEncoding.DecodeString(credential); err == nil && strings.EqualFold(scheme, "Basic") {
					user, password, _ := strings.Cut(string(pair), ":")
					add(name, cmp.Or(password, user)) // some sources take a key for the user
				}
			}
		}
	}
	pairs := func(text string, isSecret func(string) bool) {
		for _, m := range param.FindAllStringSubmatch(text, -1) {
			if value, err := url.QueryUnescape(m[3]); err == nil && isSecret(m[2]) {
				add(m[2], value)
			}
		}
	}
	_, query, _ := strings.Cut(r.URL, "?")
	pairs(query, secretParam)
	if isForm(r.Headers.Get("Content-Type")) {
		pairs(r.Body, formSecrets(r.Body))
	}
	return append(values, s.tokens(r.Body)...)
}

// tokens returns the credentials in a JSON body.
func (s *scrubber) tokens(body string) []string {
	var values []string
	for _, m := range member.FindAllStringSubmatch(body, -1) {
		var value string
		if json.Unmarshal([]byte(`"`+m[3]+`"`), &value) == nil && len(value) >= 16 && !s.kept(m[1]) {
			values = append(values, value)
		}
	}
	return values
}

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
