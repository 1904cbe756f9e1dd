package replay

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

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
	base, query, _ := strings.Cut(r.URL, "?")
	if u, err := url.Parse(base); err == nil {
		password, _ := u.User.Password()
		add("", password)
	}
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

// tokens returns the credentials in a body that are long enough to be unique: the secret
// members of JSON, also of JSON in the strings of JSON.
func (s *scrubber) tokens(body string) []string {
	var values []string
	for _, m := range member.FindAllStringSubmatch(body, -1) {
		var value string
		if json.Unmarshal([]byte(`"`+m[3]+`"`), &value) == nil && len(value) >= shortestLearned && !s.kept(m[1]) {
			values = append(values, value)
		}
	}
	mapJSON(body, func(text string) string {
		if strings.Contains(text, `"`) {
			values = append(values, s.tokens(text)...)
		}
		return text
	}, func(digits string) string { return digits })
	return values
}
