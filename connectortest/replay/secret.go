package replay

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// placeholder replaces a secret. No kind of escaping changes its characters, so it is
// the same in URLs, headers and JSON.
const placeholder = "REDACTED"

// A secret is a text that must not occur in a file in any form.
type secret struct {
	plain string
	cores []core
}

// A core is the part of a secret's base64 that does not depend on the text around the
// secret. If the secret is part of a longer text, such as user:password, its base64
// has one of three forms, according to the secret's offset. The characters at both
// ends also depend on the surrounding text and are not part of the core.
type core struct {
	text    string
	skipped int // number of characters of the first group of four that precede text
}

func newSecret(plain string) *secret {
	s := &secret{plain: plain}
	for shift := range 3 {
		padded := append(make([]byte, shift), plain...)
		skipped := (shift*8 + 5) / 6
		text := base64.RawStdEncoding.EncodeToString(padded[:len(padded)-len(padded)%3])
		if len(text) > skipped {
			s.cores = append(s.cores, core{text[skipped:], skipped})
		}
	}
	return s
}

// hidePlain replaces the secret in plain, escaped and hex form.
func (s *secret) hidePlain(text string) string {
	text = replaceForms(text, s.plain)
	digits, hidden := hex.EncodeToString([]byte(s.plain)), hex.EncodeToString([]byte(placeholder))
	text = strings.ReplaceAll(text, digits, hidden)
	return strings.ReplaceAll(text, strings.ToUpper(digits), strings.ToUpper(hidden))
}

// hideBase64 replaces the secret in base64 form. It also decodes and encodes the
// surrounding text. Otherwise, the characters at both ends would reveal a part
// of the secret and depend on it.
func (s *secret) hideBase64(text string) string {
	for _, c := range s.cores {
		for _, core := range []string{c.text, urlAlphabet.Replace(c.text)} {
			for from := 0; ; {
				at := strings.Index(text[from:], core)
				if at < 0 {
					break
				}
				at += from
				hidden, end := s.recode(text, at-c.skipped, at+len(core))
				if end < 0 {
					from = at + 1
					continue
				}
				text, from = hidden, end
			}
			if len(core) >= 8 { // a shorter one may occur by chance
				text = replaceForms(text, core)
			}
		}
	}
	return text
}

var (
	padding     = regexp.MustCompile(`^(=|%3[Dd])+`)
	urlAlphabet = strings.NewReplacer("+", "-", "/", "_")
	stdAlphabet = strings.NewReplacer("-", "+", "_", "/")
)

// recode replaces the secret in a run of base64. The run has a group of four at start
// and extends at least to end. recode returns the whole text and the end of the run in
// it, or -1 if the run does not contain the secret.
func (s *secret) recode(text string, start, end int) (string, int) {
	if start < 0 || !isBase64(text[start:end]) {
		return text, -1
	}
	for start >= 4 && isBase64(text[start-4:start]) {
		start -= 4
	}
	for end < len(text) && isBase64(text[end:end+1]) {
		end++
	}
	if (end-start)%4 == 1 {
		end-- // one character of a group encodes no byte
	}
	run := text[start:end]
	decoded, err := base64.RawStdEncoding.DecodeString(stdAlphabet.Replace(run))
	hidden := strings.ReplaceAll(string(decoded), s.plain, placeholder)
	if err != nil || hidden == string(decoded) {
		return text, -1
	}
	enc := base64.RawStdEncoding
	if strings.ContainsAny(run, "-_") {
		enc = base64.RawURLEncoding
	}
	// Without padding, which depends on the length of the secret.
	rest := padding.ReplaceAllString(text[end:], "")
	head := text[:start] + enc.EncodeToString([]byte(hidden))
	return head + rest, len(head)
}

func isBase64(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte("+/-_", c) < 0 {
			return false
		}
	}
	return true
}

// replaceForms replaces every occurrence of plain in text. Each character may be
// escaped as in URLs, JSON or HTML, or as in one of these inside another.
func replaceForms(text, plain string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		n := formAt(text[i:], plain)
		if n <= 0 {
			continue
		}
		before := text[done:i]
		if (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1 {
			before = before[:len(before)-1] // otherwise it would escape the placeholder
		}
		b.WriteString(before)
		b.WriteString(placeholder)
		done = i + n
		i = done - 1
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// formAt returns the length of the form of plain at the start of text, or -1.
func formAt(text, plain string) int {
	if plain == "" {
		return 0
	}
	if text == "" {
		return -1
	}
	if text[0] == plain[0] {
		if n := formAt(text[1:], plain[1:]); n >= 0 {
			return n + 1
		}
	}
	if strings.IndexByte(`%+\&`, text[0]) < 0 {
		return -1
	}
	var forms [8]form
	for _, f := range appendForms(forms[:0], text, plain) {
		if n := formAt(text[f.text:], plain[f.plain:]); n >= 0 {
			return n + f.text
		}
	}
	return -1
}

// A form is an escaped character: its number of bytes in the text and in the secret.
type form struct{ text, plain int }

// appendForms appends the escaped forms of the first character of plain at the start
// of text.
func appendForms(forms []form, text, plain string) []form {
	switch text[0] {
	case '+':
		if plain[0] == ' ' {
			forms = append(forms, form{1, 1})
		}
	case '%':
		for at := 1; len(text) >= at+2; at += 2 { // %25 escapes the % of another escape
			b, err := strconv.ParseUint(text[at:at+2], 16, 8)
			if err == nil && (byte(b) == plain[0] || b == '+' && plain[0] == ' ') {
				forms = append(forms, form{at + 2, 1})
			}
			if text[at:at+2] != "25" {
				break
			}
		}
	case '&':
		_, size := utf8.DecodeRuneInString(plain)
		if end := strings.IndexByte(text[:min(len(text), 10)], ';') + 1; end > 0 && html.UnescapeString(text[:end]) == plain[:size] {
			forms = append(forms, form{end, size})
		}
	case '\\':
		forms = appendBackslashForms(forms, text, plain)
	}
	return forms
}

// appendBackslashForms is appendForms for a text that starts with a backslash, as in
// JSON and in JSON within JSON.
func appendBackslashForms(forms []form, text, plain string) []form {
	rest := strings.TrimLeft(text, `\`)
	backslashes := len(text) - len(rest)
	if plain[0] == '\\' {
		for _, double := range []int{4, 2} {
			if backslashes >= double {
				forms = append(forms, form{double, 1})
			}
		}
	}
	unit, ok := utf16At(rest)
	if !ok {
		if rest != "" {
			if k := strings.IndexByte(`"'/bfnrt`, rest[0]); k >= 0 && "\"'/\b\f\n\r\t"[k] == plain[0] {
				forms = append(forms, form{backslashes + 1, 1})
			}
		}
		return forms
	}
	r, size := utf8.DecodeRuneInString(plain)
	if r == unit {
		return append(forms, form{backslashes + 5, size})
	}
	if second := strings.TrimLeft(rest[5:], `\`); utf16.IsSurrogate(unit) {
		if low, ok := utf16At(second); ok && utf16.DecodeRune(unit, low) == r {
			forms = append(forms, form{len(text) - len(second) + 5, size})
		}
	}
	return forms
}

// utf16At parses the start of text as the part of \u00e9 after the backslash.
func utf16At(text string) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[1:5], 16, 16)
	return rune(unit), err == nil
}

// A namedForm is a form of a secret and its name for messages.
type namedForm struct{ name, text string }

// form returns the name of the form in which text contains the secret, or "". It
// checks a file before it is written. It deliberately shares no code with the functions
// that replace secrets: it generates the usual forms and searches for them.
func (s *secret) form(text string) string {
	quoted, _ := json.Marshal(s.plain) // a string always marshals
	digits := hex.EncodeToString([]byte(s.plain))
	forms := []namedForm{
		{"in plain text", s.plain},
		{"URL-escaped", url.QueryEscape(s.plain)},
		{"URL-escaped", url.PathEscape(s.plain)},
		{"as a JSON string", string(quoted[1 : len(quoted)-1])},
		{"in hex", digits},
		{"in hex", strings.ToUpper(digits)},
	}
	for _, c := range s.cores {
		if len(c.text) >= 8 {
			forms = append(forms, namedForm{"in base64", c.text}, namedForm{"in base64", urlAlphabet.Replace(c.text)})
		}
	}
	for _, f := range forms {
		if strings.Contains(text, f.text) {
			return f.name
		}
	}
	return ""
}
