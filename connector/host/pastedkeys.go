package host

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/pasted"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretname"
)

// pastedKeys masks text of the configuration that looks like a key although its field is
// not secret: a person may have pasted the key into the wrong field, such as the base
// URL, where it becomes the name of a host. Unlike secrets, such text is masked only in
// text for people and never in rows and states, because it may be the ID of an account
// that every row contains. It is safe for concurrent use.
type pastedKeys struct{ keys atomic.Pointer[redact.Set] }

// maxPastedKeys bounds the time that it takes to prepare the search.
const maxPastedKeys = 10_000

// isEmpty reports whether there is no text to mask.
func (p *pastedKeys) isEmpty() bool { return p.keys.Load() == nil }

// set replaces the text to mask.
func (p *pastedKeys) set(keys []string) {
	keys = keys[:min(len(keys), maxPastedKeys)]
	for _, key := range keys {
		// The name of a host is compared, and may be printed, in lower case.
		if lower := strings.ToLower(key); lower != key {
			keys = append(keys, lower)
		}
	}
	p.keys.Store(redact.New(keys))
}

// text returns s with the keys in it masked.
func (p *pastedKeys) text(s string) string { return p.keys.Load().Text(s) }

// keysIn returns the text in a configuration that looks like a key, in values and in the
// names of members, and the passwords and keys in its URLs. The configuration need not be
// valid.
func keysIn(configuration []byte) (keys, secrets []string) {
	dec := jsontext.NewDecoder(bytes.NewReader(configuration), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			break
		}
		if token.Kind() == '"' {
			text := token.String()
			keys = append(keys, pasted.Keys(text)...)
			secrets = append(secrets, secretsInURL(text)...)
		}
	}
	if rest := configuration[dec.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 { // it is not valid JSON
		keys = append(keys, pasted.Keys(string(rest))...)
	}
	slices.Sort(keys)
	return slices.Compact(keys), secrets
}

// minURLSecret is the minimum length in bytes of a parameter of a URL that counts as a
// secret: an ordinary word may be a parameter named "token" or "key".
const minURLSecret = 8

// secretsInURL returns the password in a URL, and the parameters whose names say that
// they are secret.
func secretsInURL(text string) []string {
	var secrets []string
	if password := passwordInURL(text); password != "" {
		secrets = append(secrets, password)
	}
	u, err := url.Parse(pasted.Trim(text))
	if err != nil || u.Host == "" {
		return secrets
	}
	if password, ok := u.User.Password(); ok && password != "" {
		secrets = append(secrets, password)
	}
	for name, values := range u.Query() {
		for _, value := range values {
			if len(value) >= minURLSecret && secretname.Parameter(name) {
				secrets = append(secrets, value)
			}
		}
	}
	return secrets
}

// passwordInURL returns the password in a URL as it is written. It also finds one whose
// characters make the URL invalid, because they are not escaped.
func passwordInURL(text string) string {
	_, authority, ok := strings.Cut(text, "://")
	end := strings.LastIndexByte(authority, '@')
	if !ok || end < 0 {
		return ""
	}
	_, password, _ := strings.Cut(authority[:end], ":")
	if strings.ContainsAny(password, "?") { // the character is in a query
		return ""
	}
	return password
}
