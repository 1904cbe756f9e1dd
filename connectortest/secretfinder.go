package connectortest

import (
	"slices"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/internal/redact"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// minSecretLength is the length of the shortest secret that the suite looks for. A
// shorter one may occur anywhere by chance.
const minSecretLength = 8

// minPieces is the number of letters and digits of the shortest secret that the suite
// looks for in pieces.
const minPieces = 12

// A secretFinder looks for secrets in the output of a connector, in three ways: as the
// runtime does, in every spelling that package redact recognizes; independently of the
// runtime, because both would otherwise overlook the same spelling; and in pieces.
type secretFinder struct {
	fields, values []string
	set            *redact.Set
	whole          *secretspelling.Finder
	pieces         *secretspelling.Finder // of the letters and digits
}

// emptySecretFinder returns a finder without secrets.
func emptySecretFinder() *secretFinder {
	return &secretFinder{whole: secretspelling.NewFinder(), pieces: secretspelling.NewFinder()}
}

// newSecretFinder returns a finder of a connector's secrets and of the secrets that
// the suite has put in their place.
func newSecretFinder(c connector.Connector, replacements ...string) *secretFinder {
	f := emptySecretFinder()
	for _, field := range secretFields(c) {
		f.add(field.name, field.text(c))
	}
	for _, secret := range config.Secrets(c) { // also those in lists and in fields that are not exported
		f.add("of the configuration", secret)
	}
	for _, secret := range replacements {
		f.add("of the test", secret)
	}
	return f
}

// add makes the finder look for another secret.
func (f *secretFinder) add(field, secret string) {
	if len(secret) < minSecretLength || slices.Contains(f.values, secret) {
		return
	}
	f.fields, f.values = append(f.fields, field), append(f.values, secret)
	f.set = f.set.With(f.values)
	f.whole.AddWhole(field, secret)
	if plain := lettersAndDigits(secret); len(plain) >= minPieces {
		f.pieces.AddWhole(field+" in pieces", plain)
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

// find looks for the secrets in text that is meant for people, and for their parts where
// the text was truncated. It returns the field and the form, such as "api_key in base64",
// or "".
func (f *secretFinder) find(text string) string {
	if m, ok := f.set.Find(text); ok {
		return f.fields[m.Secret] + " " + m.Form
	}
	return f.findIndependently(text)
}

// findInDocument is like find for text that is not truncated, such as a schema.
func (f *secretFinder) findInDocument(text string) string {
	if f.set.Uncut(text) != text {
		return f.find(text)
	}
	return f.findIndependently(text)
}

// findInData is like find for rows and states, where parts and pieces may occur by chance.
func (f *secretFinder) findInData(text string) string {
	if f.set.InData([]byte(text)) {
		return f.find(text)
	}
	return f.whole.Find(text)
}

// findIndependently looks for the secrets without package redact.
func (f *secretFinder) findIndependently(text string) string {
	if found := f.whole.Find(text); found != "" {
		return found
	}
	return f.pieces.Find(lettersAndDigits(text))
}

// before returns the text of a line before the secret, or "" if no line contains one.
func (f *secretFinder) before(line string) (text string, found bool) {
	if m, ok := f.set.Find(line); ok {
		return line[:m.Start], true
	}
	if f.findIndependently(line) == "" {
		return "", false
	}
	// The rest of the line contains the secret as long as it does not begin within it.
	from, to := 0, len(line)
	for to-from > 1 {
		if middle := (from + to) / 2; f.findIndependently(line[middle:]) != "" {
			from = middle
		} else {
			to = middle
		}
	}
	return strings.ToValidUTF8(line[:from], ""), true
}
