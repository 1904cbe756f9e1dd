package secretspelling

import (
	"encoding/json"
	"html"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxDepth is the number of decodings that are applied one after the other. The
	// outermost is the JSON of a line of output.
	maxDepth = 5
	// maxViews limits the work for one text.
	maxViews = 400
)

// jsonStrings is the name of the decoding of a line of JSON.
const jsonStrings = "JSON"

// A view is a text that was decoded.
type view struct {
	text   string
	path   string // the names of the decodings
	depth  int
	binary bool // a decoding was base64 or the like
}

// A decoding is a way to decode the encoded parts of a text.
type decoding struct {
	name   string
	binary bool
	// decode returns the decoded texts. It may return the text itself, or nothing.
	decode func(text string) []string
}

var decodings = []decoding{
	{"escapes", false, unescape},
	{"percent escapes", false, unpercent},
	{"HTML", false, unHTML},
	{"base64", true, unbase64},
	{"hex", true, unhex},
	{"decimal bytes", true, undecimal},
	{"a shell", false, unquote},
	{"quoted-printable", false, unprintable},
}

// decode calls yield with a text, and with every text that decoding it yields, until
// yield returns false.
func decode(text string, yield func(*view) bool) {
	seen := map[string]bool{text: true}
	queue := []*view{{text: text}}
	add := func(from *view, name, text string, binary bool) {
		if len(text) < 3 || seen[text] || len(queue) >= maxViews {
			return
		}
		seen[text] = true
		path := name
		if from.path != "" {
			path = from.path + ", " + name
		}
		queue = append(queue, &view{text: text, path: path, depth: from.depth + 1, binary: from.binary || binary})
	}
	for i := 0; i < len(queue); i++ { //nolint:intrange // the queue grows
		v := queue[i]
		if !yield(v) {
			return
		}
		if v.depth == maxDepth {
			continue
		}
		if v.depth == 0 {
			add(v, jsonStrings, stringsIn(v.text), false)
		}
		for _, d := range decodings {
			for _, decoded := range d.decode(v.text) {
				if d.binary {
					decoded = legible(decoded)
				}
				add(v, d.name, decoded, d.binary)
			}
		}
	}
}

// stringsIn returns the strings in a sequence of JSON values, including the names of
// members, each on a line of its own. It returns "" if the text is not JSON.
func stringsIn(text string) string {
	var b strings.Builder
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			return ""
		}
		if s, ok := token.(string); ok {
			b.WriteString(s + "\n")
		}
	}
}

// unescape decodes the escapes of strings in JSON, Go, Python, C and shells.
func unescape(s string) []string {
	if !strings.Contains(s, `\`) {
		return nil
	}
	var b []byte
	high := rune(-1) // the first half of a pair
	flush := func() {
		if high >= 0 {
			b, high = utf8.AppendRune(b, utf8.RuneError), -1
		}
	}
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			flush()
			b = append(b, s[i])
			i++
			continue
		}
		i++
		if unit, n := escapedRune(s[i:]); n > 0 {
			i += n
			switch {
			case high >= 0:
				b, high = utf8.AppendRune(b, utf16.DecodeRune(high, unit)), -1
			case utf16.IsSurrogate(unit):
				high = unit
			default:
				b = utf8.AppendRune(b, unit)
			}
			continue
		}
		flush()
		if c, n := escapedByte(s[i:]); n > 0 {
			b = append(b, c)
			i += n
			continue
		}
		if k := strings.IndexByte("abfnrtv", s[i]); k >= 0 {
			b = append(b, "\a\b\f\n\r\t\v"[k])
		} else {
			b = append(b, s[i])
		}
		i++
	}
	flush()
	return []string{string(b)}
}

// escapedRune parses u00e9 or U000000e9. It returns the number of bytes, or 0.
func escapedRune(s string) (rune, int) {
	n := 0
	switch s[0] {
	case 'u':
		n = 5
	case 'U':
		n = 9
	}
	if n == 0 || len(s) < n {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[1:n], 16, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, 0
	}
	return rune(v), n
}

// escapedByte parses xe9 or 351 in octal. It returns the number of bytes, or 0.
func escapedByte(s string) (byte, int) {
	digits, base := s[:min(3, len(s))], 8
	if s[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 8)
	if err != nil || len(digits) != map[int]int{8: 3, 16: 2}[base] {
		return 0, 0
	}
	return byte(v), min(3, len(s))
}

// unpercent decodes percent escapes, and plus signs in the second result.
func unpercent(s string) []string {
	if !strings.Contains(s, "%") && !strings.Contains(s, "+") {
		return nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	decoded := []string{string(b)}
	if strings.Contains(s, "+") {
		decoded = append(decoded, unpercent(strings.ReplaceAll(s, "+", "%20"))...)
	}
	return decoded
}

// unHTML decodes the entities of HTML.
func unHTML(s string) []string {
	if !strings.Contains(s, "&") {
		return nil
	}
	return []string{html.UnescapeString(s)}
}

// unquote decodes the quotes within a quoted word of a shell.
func unquote(s string) []string {
	const quote = `'\''`
	if !strings.Contains(s, quote) {
		return nil
	}
	return []string{strings.ReplaceAll(s, quote, `'`)}
}

// unprintable decodes the escapes of quoted-printable text and removes its soft line breaks.
// The end of a line may be preceded by white space that a mail server added, and it may have
// become white space when the text was written on one line.
func unprintable(s string) []string {
	if !strings.Contains(s, "=") {
		return nil
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			b = append(b, s[i])
			continue
		}
		rest := s[i+1:]
		if blank := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace)); blank > 0 {
			i += blank
			continue
		}
		if len(rest) >= 2 {
			if v, err := strconv.ParseUint(rest[:2], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, '=')
	}
	return []string{string(b)}
}
