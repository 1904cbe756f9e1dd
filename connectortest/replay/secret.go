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

// placeholder stands where a secret stood. It has no character that any form of
// escaping would touch, so that it reads the same in URLs, headers and JSON.
const placeholder = "REDACTED"

// A secret is a text that no file may hold, in whatever form.
type secret struct {
	plain string
	cores []core
}

// A core is what base64 makes of a secret's inner bytes. Within other text, such
// as user:password, base64 has one of three forms, and what stands around
// decides about the characters at both ends.
type core struct {
	text    string
	skipped int // characters of its first group of four, which stand before it
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

// hidePlain replaces the secret where it stands plain, escaped or in hex.
func (s *secret) hidePlain(text string) string {
	text = replaceForms(text, s.plain)
	digits, hidden := hex.EncodeToString([]byte(s.plain)), hex.EncodeToString([]byte(placeholder))
	text = strings.ReplaceAll(text, digits, hidden)
	return strings.ReplaceAll(text, strings.ToUpper(digits), strings.ToUpper(hidden))
}

// hideBase64 replaces the secret where it stands in base64. What stands around
// it is decoded and encoded with it: else the characters at its ends would tell
// some of it, and differ with the secret.
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
			if len(core) >= 8 { // a shorter one stands anywhere by chance
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

// recode replaces the secret in the base64 text that has a group of four at
// start, and goes on to end at least. It returns the whole text, and where the
// base64 ends in it; -1 says that the secret isn't there.
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
		end-- // no base64 ends so
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
	// Without padding, because whether there is one depends on the secret's length.
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

// replaceForms replaces plain wherever it stands in text, each of its characters
// being as it is or escaped, as URLs, JSON, HTML and those within each other do.
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
			before = before[:len(before)-1] // would escape the placeholder
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

// formAt returns how long the form of plain is that text begins with, or -1.
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

// A form is how many bytes of a text stand for how many bytes of a secret.
type form struct{ text, plain int }

// appendForms appends the escaped forms of plain's first character that text
// begins with.
func appendForms(forms []form, text, plain string) []form {
	r, size := utf8.DecodeRuneInString(plain)
	switch text[0] {
	case '+':
		if plain[0] == ' ' {
			forms = append(forms, form{1, 1})
		}
	case '%':
		for at := 1; len(text) >= at+2; at += 2 { // %25 is an escape that was escaped
			b, err := strconv.ParseUint(text[at:at+2], 16, 8)
			if err == nil && (byte(b) == plain[0] || b == '+' && plain[0] == ' ') {
				forms = append(forms, form{at + 2, 1})
			}
			if text[at:at+2] != "25" {
				break
			}
		}
	case '&':
		if end := strings.IndexByte(text[:min(len(text), 10)], ';') + 1; end > 0 && html.UnescapeString(text[:end]) == plain[:size] {
			forms = append(forms, form{end, size})
		}
	case '\\':
		rest := strings.TrimLeft(text, `\`)
		n := len(text) - len(rest)
		if plain[0] == '\\' { // JSON, and JSON within JSON
			for _, double := range []int{4, 2} {
				if n >= double {
					forms = append(forms, form{double, 1})
				}
			}
		}
		if unit, ok := utf16At(rest); ok {
			if r == unit {
				forms = append(forms, form{n + 5, size})
			} else if second := strings.TrimLeft(rest[5:], `\`); utf16.IsSurrogate(unit) {
				if low, ok := utf16At(second); ok && utf16.DecodeRune(unit, low) == r {
					forms = append(forms, form{len(text) - len(second) + 5, size})
				}
			}
		} else if rest != "" {
			if k := strings.IndexByte(`"'/bfnrt`, rest[0]); k >= 0 && "\"'/\b\f\n\r\t"[k] == plain[0] {
				forms = append(forms, form{n + 1, 1})
			}
		}
	}
	return forms
}

// utf16At reads what follows the backslash of \u00e9.
func utf16At(text string) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[1:5], 16, 16)
	return rune(unit), err == nil
}

// A look is one of the forms of a secret.
type look struct{ name, text string }

// form returns the form in which the secret is in text, or "". It is what a file
// is checked with before it is written, and by intention does without what hides
// the secret: it knows the usual forms, and looks for them.
func (s *secret) form(text string) string {
	quoted, _ := json.Marshal(s.plain) // a string can't fail
	digits := hex.EncodeToString([]byte(s.plain))
	looks := []look{
		{"in plain text", s.plain},
		{"URL-escaped", url.QueryEscape(s.plain)},
		{"URL-escaped", url.PathEscape(s.plain)},
		{"as a JSON string", string(quoted[1 : len(quoted)-1])},
		{"in hex", digits},
		{"in hex", strings.ToUpper(digits)},
	}
	for _, c := range s.cores {
		if len(c.text) >= 8 {
			looks = append(looks, look{"in base64", c.text}, look{"in base64", urlAlphabet.Replace(c.text)})
		}
	}
	for _, l := range looks {
		if strings.Contains(text, l.text) {
			return l.name
		}
	}
	return ""
}
