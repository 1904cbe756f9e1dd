package hosttest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"unicode/utf16"
)

// A spelling is a way in which a secret leaves by accident.
type spelling struct{ name, text string }

// spellings returns the ways in which connectors put a secret into a text.
func spellings(s string) []spelling {
	quoted := quote(s)
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // of a string, which never fails
	hexed := hex.EncodeToString([]byte(s))
	return []spelling{
		{"plain text", s},
		{"JSON", plain.String()[1 : plain.Len()-2]},
		{"JSON for HTML", quoted[1 : len(quoted)-1]},
		{"JSON in ASCII", inASCII(plain.String()[1 : plain.Len()-2])},
		{"Go", strings.Trim(fmt.Sprintf("%q", s), `"`)},
		{"Go in ASCII", strings.Trim(fmt.Sprintf("%+q", s), `"`)},
		{"HTML", html.EscapeString(s)},
		{"a query", url.QueryEscape(s)},
		{"a path", url.PathEscape(s)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(s))},
		{"basic authentication", base64.StdEncoding.EncodeToString([]byte("user:" + s))},
		{"base64 for URLs", base64.RawURLEncoding.EncodeToString([]byte("name:" + s + ":x"))},
		{"hex", hexed},
		{"upper-case hex", strings.ToUpper(hexed)},
	}
}

// inASCII escapes the characters of a JSON string that are not ASCII, as many
// encoders do.
func inASCII(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit < 0x80 {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// A finder looks for secrets in text.
type finder []spelling

func newFinder(secrets ...string) finder {
	var f finder
	for _, s := range secrets {
		add := func(name, text string) {
			f = append(f, spelling{fmt.Sprintf("the secret %.3s… as %s", s, name), text})
		}
		for _, way := range spellings(s) {
			if !strings.HasPrefix(way.name, "base64") && way.name != "basic authentication" { // which come below
				add(way.name, way.text)
			}
			if way.name == "JSON" {
				add("JSON with escaped slashes", strings.ReplaceAll(way.text, "/", `\/`))
			}
		}
		// Within other text base64 gives one of three forms, of which the middle
		// depends on the secret alone.
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

// find says which secret text holds, and how, or "".
func (f finder) find(text string) string {
	for _, way := range f {
		if strings.Contains(text, way.text) {
			return way.name
		}
	}
	return ""
}

// noSecrets reports secrets in what reached the platform or the log, and in the
// error of the host and all that it wraps.
func (c *check) noSecrets(a *answer, log []byte, secrets ...string) {
	c.noSecretsBut(a, log, nil, secrets...)
}

// noSecretsBut is noSecrets with an event that may hold one.
func (c *check) noSecretsBut(a *answer, log []byte, except *Event, secrets ...string) {
	f := newFinder(secrets...)
	for _, e := range a.all() {
		if e == except {
			continue
		}
		decoded, _ := values(string(e.Row)) // nothing if there is no row
		for _, text := range []string{string(e.Raw), string(e.Row), fmt.Sprint(decoded), string(e.State), e.Message} {
			if what := f.find(text); what != "" {
				c.broken("an event of kind %q holds %s", e.Kind, what)
				return
			}
		}
	}
	if what := f.find(string(log)); what != "" {
		c.broken("the log holds %s", what)
	}
	if what := f.findInError(a.err, 0); what != "" {
		c.broken("the error that the host returned holds %s", what)
	}
}

// findInError looks at an error, at the ways in which it is printed, and at the
// errors that it wraps.
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
