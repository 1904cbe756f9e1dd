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

// shortestSecret is the length from which a secret can be looked for: a shorter
// one may stand anywhere by chance.
const shortestSecret = 8

// A finder looks for secrets in what leaves a connector.
type finder struct{ needles []needle }

// A needle is a secret in one of the forms in which it may leave.
type needle struct {
	field, form, text string
	fold              func(string) string // what is done to the haystack
	prose             bool                // not looked for in data
}

// finderOf returns a finder of a connector's secrets, and of others.
func finderOf(c connector.Connector, others ...string) *finder {
	f := &finder{}
	for _, secret := range secretFields(c) {
		f.add(secret.name, secret.of(c))
	}
	for _, other := range others {
		f.add("that was given in its place", other)
	}
	return f
}

func (f *finder) add(field, secret string) {
	if len(secret) < shortestSecret {
		return
	}
	same := func(s string) string { return s }
	add := func(form, text string, fold func(string) string) {
		f.needles = append(f.needles, needle{field: field, form: form, text: fold(text), fold: fold})
	}
	add("in plain text", secret, same)
	if quoted, err := json.Marshal(secret); err == nil {
		add("as a JSON string", strings.Trim(string(quoted), `"`), same)
	}
	add("URL-escaped", url.QueryEscape(secret), strings.ToLower)
	add("URL-escaped", url.PathEscape(secret), strings.ToLower)
	add("in hex", hex.EncodeToString([]byte(secret)), strings.ToLower)
	// Within other text, such as user:password, base64 has one of three forms,
	// whose ends depend on what stands around.
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if text := enc.EncodeToString(padded[:usable])[first:]; len(text) >= shortestSecret {
				add("in base64", text, same)
			}
		}
	}
	if plain := lettersAndDigits(secret); len(plain) >= 12 {
		f.needles = append(f.needles, needle{
			field: field, form: "in pieces", text: plain, fold: lettersAndDigits, prose: true,
		})
	}
}

// lettersAndDigits leaves out what secrets are broken up with for people to
// read, and case.
func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// find looks for the secrets in text for people. It returns the field whose
// secret it is, and the form.
func (f *finder) find(text string) (field, form string, ok bool) {
	if n := f.first(text); n != nil {
		return n.field, n.form, true
	}
	return "", "", false
}

// first returns the needle that is in text for people, or nil.
func (f *finder) first(text string) *needle { return f.look(text, true) }

// findInData looks for the secrets in rows and states.
func (f *finder) findInData(text string) (field, form string, ok bool) {
	if n := f.look(text, false); n != nil {
		return n.field, n.form, true
	}
	return "", "", false
}

func (f *finder) look(text string, prose bool) *needle {
	for i := range f.needles {
		n := &f.needles[i]
		if (prose || !n.prose) && strings.Contains(n.fold(text), n.text) {
			return n
		}
	}
	return nil
}
