package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A form is a way to write a secret that is not an escape of its characters. Escapes are
// removed from the text instead.
type form struct {
	name string // for messages, such as "in base64"
	text string
	run  bool // characters next to the text can contain a few bits of the secret
	data bool // looked for in data
}

// inPlainText is the name of the form of a secret that is the secret itself.
const inPlainText = "in plain text"

// withEscapes is the name of a form in which some characters of the secret are escaped.
const withEscapes = "with escapes"

// forms returns the forms of a secret. The first is the secret itself.
func forms(secret string) []form {
	all := []form{{name: inPlainText, text: secret, data: true}}
	for _, text := range rewritten(secret) {
		all = append(all, form{name: withEscapes, text: text, data: true})
	}
	if len(secret) < minEncoded {
		return all
	}
	digits := hex.EncodeToString([]byte(secret))
	for _, text := range []string{digits, strings.ToUpper(digits)} {
		all = append(all,
			form{name: "in hex", text: text, data: true},
			form{name: "in hex", text: separated(text, ":"), data: true},
			form{name: "in hex", text: separated(text, "-"), data: true}, // as .NET does
			form{name: "in hex", text: separated(text, " "), data: true})
	}
	spaced := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	all = append(all,
		form{name: "in decimal bytes", text: spaced, data: true},
		form{name: "in decimal bytes", text: strings.ReplaceAll(spaced, " ", ","), data: true}, // an array of JSON
		form{name: "in decimal bytes", text: strings.ReplaceAll(spaced, " ", ", "), data: true},
		form{name: "in hex", text: strings.Trim(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret)), "[]byte"), "{}"), data: true},
		form{name: "in hex", text: fmt.Sprintf("%# x", secret), data: true})
	for _, text := range encoded(secret) {
		for _, core := range base64Cores(text) {
			all = append(all, form{name: "in base64", text: core, run: true, data: len(core) >= minData})
		}
	}
	return all
}

// quotes holds the ways to write a quote within quotes, without the backslashes, which are
// removed from the text. SQL, CSV and YAML double the quote. A shell ends the quoted text, adds
// the quote after a backslash or in other quotes, and begins again.
var quotes = map[string][]string{
	"'": {"''", "'''", `'"'"'`},
	`"`: {`""`},
	"`": {"``"},
}

// rewritten returns the secret as it is written by formats whose escapes cannot be removed
// from a text, because ordinary text has the same characters: with quotes within quotes, as
// quoted-printable text, and as UTF-8 that was read as Latin-1.
func rewritten(secret string) []string {
	var all []string
	for quote, written := range quotes {
		for _, w := range written {
			all = append(all, strings.ReplaceAll(secret, quote, w))
		}
	}
	var latin1 strings.Builder
	for _, c := range []byte(secret) {
		latin1.WriteRune(rune(c))
	}
	all = append(all, quotedPrintable(secret, "\t"), quotedPrintable(secret, "\t\r\n"), latin1.String())
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(text string) bool { return text == secret })
}

// quotedPrintable returns a text with escapes for the bytes that quoted-printable text does not
// contain, except for some control characters: line breaks are escaped in binary data.
func quotedPrintable(text, controls string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c == '=' || c >= 0x7f || c < ' ' && strings.IndexByte(controls, c) < 0 {
			fmt.Fprintf(&b, "=%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// maxRareForms is the length of the longest secret whose rare forms are looked for in base64.
// The forms of a token of a megabyte would need much memory. The lines of a longer key are
// secrets by themselves.
const maxRareForms = 1024

// encoded returns the ways in which a secret is commonly written before the text around it
// becomes base64.
func encoded(secret string) []string {
	marshalled, _ := json.Marshal(secret) // it cannot fail for a string
	minimal := string(rawjson.AppendString(nil, secret))
	minimal = minimal[1 : len(minimal)-1]
	all := []string{
		secret, minimal, string(marshalled[1 : len(marshalled)-1]), url.QueryEscape(secret),
		url.PathEscape(secret), html.EscapeString(secret),
		strings.ReplaceAll(minimal, "/", `\/`),
	}
	if len(secret) <= maxRareForms {
		all = append(all, encodedRarely(secret, minimal)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// markNames replaces the marks that every program escapes in HTML.
var markNames = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// componentMarks replaces the escapes of the marks that encodeURIComponent of JavaScript keeps.
var componentMarks = strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

// quoteNames replace the quotes as several libraries do.
var quoteNames = func() (all []*strings.Replacer) {
	for _, quote := range []string{"'", "&#39;", "&#039;", "&#x27;", "&apos;"} {
		all = append(all, strings.NewReplacer(`"`, "&quot;", "'", quote))
	}
	return all
}()

// encodedRarely returns what other programs than those of Go write: JSON in ASCII (Python and
// PHP), a part of a URL (JavaScript and Python) with percent escapes in both cases, and HTML
// with the quotes of several libraries. The secret is also given as the content of a string of
// JSON.
func encodedRarely(secret, minimal string) []string {
	ascii := inASCII(minimal)
	query := url.QueryEscape(secret)
	spaces := strings.ReplaceAll(query, "+", "%20")
	component := componentMarks.Replace(spaces)
	path := strings.ReplaceAll(spaces, "%2F", "/")
	all := []string{ascii, strings.ReplaceAll(ascii, "/", `\/`), spaces, component, path}
	for _, escaped := range []string{query, url.PathEscape(secret), spaces, component, path} {
		all = append(all, lowerEscapes(escaped))
	}
	marks := markNames.Replace(secret)
	all = append(all, marks)
	for _, names := range quoteNames {
		all = append(all, names.Replace(marks))
	}
	return all
}

// inASCII escapes the characters of the content of a JSON string that are not ASCII.
func inASCII(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// lowerEscapes writes the digits of percent escapes in lower case. Each percent sign of the
// text begins an escape.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := range b {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(text[i+1:i+3]))
		}
	}
	return string(b)
}

// base64Cores returns the characters of base64 that depend on secret alone. Within longer
// text, such as the user:password of basic authentication, the base64 of a secret has one
// of three forms, according to its offset. The first and the last characters of each also
// depend on the text around the secret.
func base64Cores(secret string) []string {
	var cores []string
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		usable := len(padded) - len(padded)%3
		first := (shift*8 + 5) / 6 // the number of characters that depend on the text before
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if core := encoding.EncodeToString(padded[:usable])[first:]; len(core) >= minEncoded {
				cores = append(cores, core)
			}
		}
	}
	slices.Sort(cores)
	return slices.Compact(cores)
}

// separated separates the bytes of hexadecimal text, with colons as fingerprints do, or with
// spaces.
func separated(digits, separator string) string {
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}
