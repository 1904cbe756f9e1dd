package redact

import (
	"bytes"
	"html"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLevels is the number of levels of escapes that are removed.
const maxLevels = 8

// A normal is a text in normal form: without escapes at any level, and without the
// characters that programs change when they reformat text, which are white space, control
// characters and the plus sign that replaces a space. The normal form of a text contains
// the normal form of a secret if the text contains the secret with any escapes, except if
// characters next to the secret are part of an escape too. The form is ambiguous, so it
// serves only to compare.
type normal struct {
	text []byte
	// at holds the span of the original text that each byte of text stands for. It is empty
	// if the spans are not needed.
	at    []span
	other *normal // the second buffer
}

// A span is a range of bytes of a text.
type span struct{ from, to int }

var normals = sync.Pool{New: func() any { return &normal{other: &normal{}} }}

// newNormal returns a text as it is. The caller must release it.
func newNormal[T ~string | ~[]byte](text T, spans bool) *normal {
	n := normals.Get().(*normal)
	n.text, n.at = append(n.text[:0], text...), n.at[:0]
	if spans {
		for i := range len(text) {
			n.at = append(n.at, span{i, i + 1})
		}
	}
	return n
}

// normalize returns the form of text that where says, inNormal or inUnescaped. The caller must
// release it.
func normalize(text string, where where) *normal {
	n := newNormal(text, false)
	n.removeEscapes(maxLevels, 0)
	if where&inUnescaped == 0 {
		n.drop()
	}
	return n
}

// removeEscapes removes levels of escapes, and soft line breaks if unfolded is inUnfolded. It
// reports whether the text has soft line breaks, which may be escaped themselves.
func (n *normal) removeEscapes(levels int, unfolded where) (folded bool) {
	for range levels {
		if folded = folded || isFolded(n.text); folded && unfolded != 0 {
			n.unfold()
		}
		if !n.unescape() {
			break
		}
	}
	return folded
}

// softBreak returns the length of the soft line break of quoted-printable text at the start of
// a text, or 0. It is an equals sign at the end of a line, which may be followed by other white
// space (RFC 2045, section 6.7). A program that writes the text on one line may have replaced
// the line break by spaces, or by the plus signs of a query.
func softBreak(text []byte) int {
	if text[0] != '=' {
		return 0
	}
	end := keptAfter(text, 1)
	if end == 1 {
		return 0
	}
	if end < len(text) {
		if _, next := appendUnescaped(nil, text, end); next > end+1 {
			return 0 // the rest of the break may be escaped: the next level tells
		}
	}
	return end
}

// isFolded reports whether a text has a soft line break.
func isFolded(text []byte) bool {
	for at := 0; ; at++ {
		next := bytes.IndexByte(text[at:], '=')
		if next < 0 {
			return false
		}
		if at += next; softBreak(text[at:]) > 0 {
			return true
		}
	}
}

// unfold removes the soft line breaks. A secret may also have an equals sign at the end of a
// line itself, so the text must also be searched with them.
func (n *normal) unfold() {
	kept, from := 0, 0
	for i := 0; i < len(n.text); {
		size := softBreak(n.text[i:])
		if size == 0 {
			i++
			continue
		}
		kept += n.keep(kept, from, i)
		from = i + size
		if kept > 0 && len(n.at) > 0 { // what is around the break is adjacent
			n.at[kept-1].to = n.at[from-1].to
		}
		i = from
	}
	kept += n.keep(kept, from, len(n.text))
	n.text = n.text[:kept]
	if len(n.at) > 0 {
		n.at = n.at[:kept]
	}
}

// hugeNormal is the capacity in bytes above which the buffers of a normal are not reused.
const hugeNormal = 1 << 20

func (n *normal) release() {
	if cap(n.text)+cap(n.other.text) <= hugeNormal {
		normals.Put(n)
	}
}

// span returns the span of the original text that the bytes from i to j stand for.
func (n *normal) span(i, j int) span { return span{n.at[i].from, n.at[j-1].to} }

// isAdjacent reports whether nothing was removed between the bytes from i to j.
func (n *normal) isAdjacent(i, j int) bool {
	for ; i < j-1; i++ {
		// Bytes of one character have the same span.
		if n.at[i].to != n.at[i+1].from && n.at[i] != n.at[i+1] {
			return false
		}
	}
	return true
}

// drop removes the characters that do not belong to the normal form.
func (n *normal) drop() {
	kept := 0
	for i := 0; i < len(n.text); {
		end := ordinaryEnd(n.text, i)
		kept += n.keep(kept, i, end)
		if i = end; i == len(n.text) {
			break
		}
		size, dropped := 1, isDropped(n.text[i])
		if n.text[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRune(n.text[i:])
			dropped = isDroppedRune(r)
		}
		if !dropped {
			kept += n.keep(kept, i, i+size)
		}
		i += size
	}
	n.text = n.text[:kept]
	if len(n.at) > 0 {
		n.at = n.at[:kept]
	}
}

// keep moves the bytes from i to j forward to the position kept, and returns their number.
func (n *normal) keep(kept, i, j int) int {
	if kept < i {
		copy(n.text[kept:], n.text[i:j])
		if len(n.at) > 0 {
			copy(n.at[kept:], n.at[i:j])
		}
	}
	return j - i
}

// unescape removes one level of escapes. It reports whether there was one.
func (n *normal) unescape() bool {
	in, out, changed := n.text, n.other, false
	spans := len(n.at) > 0
	out.text, out.at = out.text[:0], out.at[:0]
	for i := 0; ; {
		end := escapeStart(in, i)
		out.text = append(out.text, in[i:end]...)
		if spans {
			out.at = append(out.at, n.at[i:end]...)
		}
		if i = end; i == len(in) {
			break
		}
		before := len(out.text)
		out.text, end = appendUnescaped(out.text, in, i)
		changed = changed || end > i+1 || len(out.text) == before
		if spans {
			covered := n.span(i, end)
			for range len(out.text) - before {
				out.at = append(out.at, covered)
			}
		}
		i = end
	}
	n.text, out.text = out.text, n.text
	n.at, out.at = out.at, n.at
	return changed
}

// unescapeJSON removes the escapes of the strings of JSON, and no others: a soft line break may
// be within an escape of the strings' texts. It does not keep the spans.
func (n *normal) unescapeJSON() {
	in, out := n.text, n.other.text[:0]
	for i := 0; i < len(in); {
		next := bytes.IndexByte(in[i:], '\\')
		if next < 0 {
			out = append(out, in[i:]...)
			break
		}
		out = append(out, in[i:i+next]...)
		if i += next; bytes.HasPrefix(in[i:], []byte(`\\`)) {
			out, i = append(out, '\\'), i+2
		} else {
			out, i = appendBackslash(out, in, i)
		}
	}
	n.text, n.other.text = out, in
}

// escapes reports whether data may contain escapes.
func escapes(data []byte) bool {
	if bytes.IndexByte(data, '\\') >= 0 {
		return true
	}
	for rest := data; ; {
		i := bytes.IndexByte(rest, '%')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		if _, ok := hexadecimal(rest, 2); ok {
			return true
		}
		if _, ok := escapedUnit(rest); ok {
			return true
		}
	}
	for rest := data; ; {
		i := bytes.IndexByte(rest, '&')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if bytes.IndexByte(rest[:min(len(rest), maxEntity)], ';') >= 0 {
			return true
		}
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// appendUnescaped appends the character that the escape at in[i] stands for. It returns
// the end of the escape. A character that escapes nothing stands for itself.
func appendUnescaped(out, in []byte, i int) ([]byte, int) {
	switch in[i] {
	case '%':
		if b, ok := hexadecimal(in[i+1:], 2); ok {
			return append(out, byte(b)), i + 3
		}
		if unit, ok := escapedUnit(in[i+1:]); ok {
			return utf8.AppendRune(out, unit), i + 6
		}
	case '&':
		if character, end := entity(in, i); end > 0 {
			return append(out, character...), end
		}
	case '\\':
		return appendBackslash(out, in, i)
	}
	return append(out, in[i]), i + 1
}

// maxEntity is the length in bytes of the longest entity that is recognized; the longest
// one of HTML has 33 bytes.
const maxEntity = 40

// entity returns the character for the entity at in[i], such as &amp; or &#38;. The end is
// 0 if it is not an entity.
func entity(in []byte, i int) (character string, end int) {
	for end = i + 1; end < len(in) && end < i+maxEntity; end++ {
		switch c := in[end]; {
		case c == ';':
			escaped := string(in[i : end+1])
			if character = html.UnescapeString(escaped); character == escaped {
				return "", 0
			}
			if character == string(unicode.ReplacementChar) {
				character = "" // &#0; of HTML: a control character does not belong to the normal form
			}
			return character, end + 1
		case c != '#' && !isLetter(c) && (c < '0' || c > '9'):
			return "", 0
		}
	}
	return "", 0
}

// appendBackslash appends the character that the run of backslashes at in[i] and the
// characters after it stand for. The number of backslashes grows with the levels of
// escapes, so it does not matter.
func appendBackslash(out, in []byte, i int) ([]byte, int) {
	at := i
	for at < len(in) && in[at] == '\\' {
		at++
	}
	if at == len(in) {
		return out, at
	}
	rest := in[at+1:]
	switch c := in[at]; c {
	case 'n', 'r', 't', 'b', 'f', 'v', 'a':
		return append(out, "\n\r\t\b\f\v\a"[strings.IndexByte("nrtbfva", c)]), at + 1
	case 'x':
		if b, ok := hexadecimal(rest, 2); ok {
			return append(out, byte(b)), at + 3
		}
	case 'U':
		if r, ok := hexadecimal(rest, 8); ok {
			return utf8.AppendRune(out, rune(r)), at + 9
		}
	case 'u':
		if r, size := unicodeEscape(rest); size > 0 {
			return utf8.AppendRune(out, r), at + 1 + size
		}
	case '0', '1', '2', '3':
		if len(rest) >= 2 && isOctal(rest[0]) && isOctal(rest[1]) {
			return append(out, (c-'0')<<6|(rest[0]-'0')<<3|(rest[1]-'0')), at + 3
		}
	}
	_, size := utf8.DecodeRune(in[at:])
	return append(out, in[at:at+size]...), at + size
}

// escapedUnit parses text as the part of %u00e9 after the percent sign, which the function
// escape of JavaScript writes.
func escapedUnit(text []byte) (unit rune, ok bool) {
	if len(text) == 0 || text[0] != 'u' {
		return 0, false
	}
	code, ok := hexadecimal(text[1:], 4)
	return rune(code), ok
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

// unicodeEscape parses text as the part of \u00e9 or of \u{e9} after the u. A pair of
// surrogates is one character, no matter how many backslashes separate it. It returns the
// size 0 if text is something else.
func unicodeEscape(text []byte) (r rune, size int) {
	if len(text) > 0 && text[0] == '{' {
		for size = 1; size < len(text) && size < 8; size++ {
			if text[size] == '}' {
				code, ok := hexadecimal(text[1:size], size-1)
				if !ok {
					return 0, 0
				}
				return rune(code), size + 1
			}
		}
		return 0, 0
	}
	unit, ok := hexadecimal(text, 4)
	if !ok {
		return 0, 0
	}
	if r = rune(unit); !utf16.IsSurrogate(r) {
		return r, 4
	}
	second := 4
	for second < len(text) && text[second] == '\\' {
		second++
	}
	if second > 4 && second < len(text) && text[second] == 'u' {
		if low, ok := hexadecimal(text[second+1:], 4); ok {
			if pair := utf16.DecodeRune(r, rune(low)); pair != unicode.ReplacementChar {
				return pair, second + 5
			}
		}
	}
	return unicode.ReplacementChar, 4
}

// hexadecimal returns the number that the first n bytes of text spell.
func hexadecimal(text []byte, n int) (number uint32, ok bool) {
	if len(text) < n || n == 0 {
		return 0, false
	}
	for _, c := range text[:n] {
		var digit byte
		switch {
		case '0' <= c && c <= '9':
			digit = c - '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			digit = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		number = number<<4 | uint32(digit)
	}
	return number, true
}
