package connectortest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/connector"
)

// minSecretLength is the length of the shortest secret that the suite looks for. A
// shorter one may occur anywhere by chance.
const minSecretLength = 8

// A secretFinder looks for secrets in the output of a connector.
type secretFinder struct{ forms []secretForm }

// A secretForm is a secret in one of the forms in which it may leave a connector.
type secretForm struct {
	field     string // that holds the secret
	form      string
	text      string
	normalize func(string) string // of the searched text
	proseOnly bool                // not in rows and states
}

// String returns the field and the form, such as "api_key in hex".
func (f *secretForm) String() string { return f.field + " " + f.form }

// newSecretFinder returns a finder of a connector's secrets and of the secrets that
// the suite has put in their place.
func newSecretFinder(c connector.Connector, replacements ...string) *secretFinder {
	f := &secretFinder{}
	for _, field := range secretFields(c) {
		f.add(field.name, field.text(c))
	}
	for _, secret := range replacements {
		f.add("of the test", secret)
	}
	return f
}

func (f *secretFinder) add(field, secret string) {
	if len(secret) < minSecretLength {
		return
	}
	same := func(s string) string { return s }
	add := func(form, text string, normalize func(string) string) {
		f.forms = append(f.forms, secretForm{field: field, form: form, text: normalize(text), normalize: normalize})
	}
	add("in plain text", secret, same)
	if quoted, err := json.Marshal(secret); err == nil {
		add("as a JSON string", strings.Trim(string(quoted), `"`), same)
	}
	add("URL-escaped", url.QueryEscape(secret), strings.ToLower)
	add("URL-escaped", url.PathEscape(secret), strings.ToLower)
	add("in hex", hex.EncodeToString([]byte(secret)), strings.ToLower)
	// Inside longer text, such as user:password, base64 takes one of three forms.
	// Their first and last characters depend on the surrounding text.
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if text := enc.EncodeToString(padded[:usable])[first:]; len(text) >= minSecretLength {
				add("in base64", text, same)
			}
		}
	}
	if plain := lettersAndDigits(secret); len(plain) >= 12 {
		f.forms = append(f.forms, secretForm{
			field: field, form: "in pieces", text: plain, normalize: lettersAndDigits, proseOnly: true,
		})
	}
}

// lettersAndDigits returns only the letters and digits, in lower case. It removes
// the characters that split a secret into pieces.
func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// find looks for the secrets in text that is meant for people.
func (f *secretFinder) find(text string) (secret *secretForm, found bool) {
	secret = f.first(text, true)
	return secret, secret != nil
}

// findInData looks for the secrets in rows and states.
func (f *secretFinder) findInData(text string) (secret *secretForm, found bool) {
	secret = f.first(text, false)
	return secret, secret != nil
}

// first returns the first secret that the text contains, or nil.
func (f *secretFinder) first(text string, prose bool) *secretForm {
	for i := range f.forms {
		s := &f.forms[i]
		if (prose || !s.proseOnly) && strings.Contains(s.normalize(text), s.text) {
			return s
		}
	}
	return nil
}
