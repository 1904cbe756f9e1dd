package hosttest

import (
	"encoding/json"
	"fmt"

	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// A finder finds secrets in text, in any spelling.
type finder struct{ *secretspelling.Finder }

func newFinder(secrets ...string) finder {
	f := finder{secretspelling.NewFinder()}
	for _, s := range secrets {
		f.Add(fmt.Sprintf("the secret %.3s…", s), s)
	}
	return f
}

// findInError is like find, but searches the text of an error in several
// formats, and the errors that it wraps.
func (f finder) findInError(err error, depth int) string {
	const deepest = 50
	if err == nil || depth > deepest {
		return ""
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%q", "%x"} {
		if what := f.Find(fmt.Sprintf(format, err)); what != "" {
			return fmt.Sprintf("%s, as %s prints it (%T)", what, format, err)
		}
	}
	if text, err := json.Marshal(err); err == nil {
		if what := f.Find(string(text)); what != "" {
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
