package hosttest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// A finder finds secrets in text.
type finder []spelling

func newFinder(secrets ...string) finder {
	var f finder
	for _, s := range secrets {
		add := func(name, text string) {
			f = append(f, spelling{fmt.Sprintf("the secret %.3s… as %s", s, name), text})
		}
		for _, way := range spellings(s) {
			if !strings.HasPrefix(way.name, "base64") && way.name != "basic authentication" { // added below
				add(way.name, way.text)
			}
			if way.name == "JSON" {
				add("JSON with escaped slashes", strings.ReplaceAll(way.text, "/", `\/`))
			}
		}
		// Within other text, a secret has one of three base64 forms, depending
		// on its offset. The middle of each form depends only on the secret.
		for shift := range 3 {
			padded := append(make([]byte, shift), s...)
			usable := len(padded) - len(padded)%3
			first := (shift*8 + 5) / 6
			add("base64", base64.RawStdEncoding.EncodeToString(padded[:usable])[first:])
			add("base64 for URLs", base64.RawURLEncoding.EncodeToString(padded[:usable])[first:])
		}
	}
	return f
}

// find returns which secret the text contains and in which form, or "".
func (f finder) find(text string) string {
	for _, way := range f {
		if strings.Contains(text, way.text) {
			return way.name
		}
	}
	return ""
}

// findInError is like find, but searches the text of an error in several
// formats, and the errors that it wraps.
func (f finder) findInError(err error, depth int) string {
	const deepest = 50
	if err == nil || depth > deepest {
		return ""
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%q", "%x"} {
		if what := f.find(fmt.Sprintf(format, err)); what != "" {
			return fmt.Sprintf("%s, as %s prints it (%T)", what, format, err)
		}
	}
	if text, err := json.Marshal(err); err == nil {
		if what := f.find(string(text)); what != "" {
			return what + ", in its JSON"
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return f.findInError(e.Unwrap(), depth+1)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if what := f.findInError(inner, depth+1); what != "" {
				return what
			}
		}
	}
	return ""
}
