package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns a text for people with the secrets in it masked. Mask text before it is
// truncated: a part of a secret can be too short to be recognized.
func (s *Set) Text(text string) string { return s.masked(text, people) }

// Uncut is like [Set.Text] for a text that was not truncated: it does not mask a part of a
// secret of fewer than 16 bytes. It serves where a text with another secret must look the
// same, such as in the recording of a request: the start of a path may equal the start of a
// secret.
func (s *Set) Uncut(text string) string { return s.masked(text, uncut) }

// masked returns a text with the secrets in it masked.
func (s *Set) masked(text string, of source) string {
	if s == nil || text == "" {
		return text
	}
	text = replaced(text, spansOf(text, s.matches(text, of)))
	for layer := range s.layers {
		for _, word := range layer.words {
			text = replaceWord(text, word)
		}
	}
	return text
}

// A Match is a secret that a text contains.
type Match struct {
	// Secret is the number of the value of [New].
	Secret int
	// Form says how the text writes the secret: "in plain text", "in part", "with escapes",
	// "in hex", "in decimal bytes" or "in base64".
	Form string
	// Start and End are the span of the text.
	Start, End int
}

// Find returns the first secret in a text for people. It does not look for secrets of fewer
// than 4 bytes.
func (s *Set) Find(text string) (first Match, found bool) {
	if s == nil {
		return Match{}, false
	}
	for _, m := range s.matches(text, people) {
		if !found || m.from < first.Start {
			first, found = Match{Secret: m.in.secret, Form: m.form(text), Start: m.from, End: m.to}, true
		}
	}
	return first, found
}

// form returns the form of the secret in the text.
func (m match) form(text string) string {
	switch written := text[m.from:m.to]; {
	case m.in.form != inPlainText || written == m.in.text:
		return m.in.form
	case strings.Contains(m.in.text, written):
		return "in part"
	}
	return withEscapes
}

// matches returns the matches in a text, in no particular order.
func (s *Set) matches(text string, of source) []match {
	var all []match
	raw := []byte(text)
	for layer := range s.layers {
		layer.index().search(raw, inText, of, func(m match) bool {
			all = append(all, m)
			return true
		})
		if of != data {
			layer.index().searchShort(raw, inText, func(m match) bool {
				all = append(all, m)
				return true
			})
		}
	}
	if s.inForms(text, of) {
		all = append(all, s.formMatches(text, of)...)
	}
	wholeRuns(text, all)
	return all
}

// inForms reports whether a form of a text contains a secret. It saves the work of
// [Set.formMatches] for most texts.
func (s *Set) inForms(text string, of source) (found bool) {
	s.searchForms(text, of, false, func(*normal, match) bool {
		found = true
		return false
	})
	return found
}

// formMatches returns the matches in the forms of a text.
func (s *Set) formMatches(text string, of source) []match {
	var all []match
	s.searchForms(text, of, true, func(n *normal, m match) bool {
		if !m.in.adjacent || n.isAdjacent(m.from, m.to) {
			all = append(all, match{n.span(m.from, m.to), m.in})
		}
		return true
	})
	return all
}

// searchForms calls found for each match in the forms of a text, until it returns false: in
// the text without one, two or more levels of escapes, and in the normal form. A text with soft
// line breaks is also searched without them.
func (s *Set) searchForms(text string, of source, spans bool, found func(*normal, match) bool) {
	if goOn, folded := s.searchFormsOnce(text, of, spans, false, found); goOn && folded {
		s.searchFormsOnce(text, of, spans, true, found)
	}
}

// searchFormsOnce is searchForms with soft line breaks or without them. It reports whether
// found has always returned true, and whether the text has soft line breaks.
func (s *Set) searchFormsOnce(text string, of source, spans, unfold bool, found func(*normal, match) bool) (goOn, folded bool) {
	n := newNormal(text, spans)
	defer n.release()
	goOn = true
	search := func(where where) {
		for layer := range s.layers {
			if !goOn {
				return
			}
			each := func(m match) bool {
				goOn = goOn && found(n, m)
				return goOn
			}
			layer.index().search(n.text, where, of, each)
			if goOn && of != data {
				layer.index().searchShort(n.text, where, each)
			}
		}
	}
	for level := 0; goOn; level++ {
		if isFolded(n.text) {
			if folded = true; unfold {
				n.unfold()
			}
		}
		if level > 0 && of != data {
			// A secret may contain escapes or white space itself, so that a part of it
			// has few bytes in the normal form.
			search(inText)
		}
		if level == maxLevels || !n.unescape() {
			break
		}
	}
	if s.where&inUnescaped != 0 {
		search(inUnescaped)
	}
	n.drop()
	search(inNormal)
	return goOn, folded
}

// wholeRuns extends each span of base64 to all adjacent characters of base64. Those next to
// the span may contain bits of the secret. The slash is left out because it also separates
// the parts of a path. A run may contain very many matches, so the spans are extended in the
// order of the text, which is read once in each direction.
func wholeRuns(text string, all []match) {
	var runs []*match
	for i := range all {
		if all[i].in.run {
			runs = append(runs, &all[i])
		}
	}
	if len(runs) == 0 {
		return
	}
	slices.SortFunc(runs, func(a, b *match) int { return a.from - b.from })
	begin, at := 0, 0 // the characters from begin to at are of base64
	for _, m := range runs {
		for ; at < m.from; at++ {
			if !isBase64(text[at]) {
				begin = at + 1
			}
		}
		m.from = begin
	}
	slices.SortFunc(runs, func(a, b *match) int { return b.to - a.to })
	end, padded := len(text), -1 // the characters from at to end are of base64; -1 is not known
	at = len(text)
	for _, m := range runs {
		for ; at > m.to; at-- {
			if !isBase64(text[at-1]) {
				end, padded = at-1, -1
			}
		}
		if padded < 0 {
			padded = end + pads(text[end:])
		}
		m.to = padded
	}
}

// pads returns the length of the pads of base64 at the start of a text.
func pads(text string) int {
	for at := 0; ; {
		switch rest := text[at:]; {
		case strings.HasPrefix(rest, "="):
			at++
		case len(rest) >= len("%3D") && strings.EqualFold(rest[:len("%3D")], "%3D"):
			at += len("%3D")
		default:
			return at
		}
	}
}

func isBase64(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || c == '+' || c == '-' || c == '_'
}

// spansOf returns the spans of the text to replace: sorted, disjoint, and outside of the
// masks that the text has already.
func spansOf(text string, all []match) []span {
	slices.SortFunc(all, func(a, b match) int { return a.from - b.from })
	var spans []span
	for _, m := range all {
		if insideMask(text, m.span) {
			continue
		}
		if last := len(spans) - 1; last >= 0 && m.from < spans[last].to {
			spans[last].to = max(spans[last].to, m.to)
		} else {
			spans = append(spans, m.span)
		}
	}
	return spans
}

func insideMask(text string, s span) bool {
	for from := max(0, s.to-len(Mask)); from <= s.from; from++ {
		if strings.HasPrefix(text[from:], Mask) {
			return true
		}
	}
	return false
}

// replaced returns the text with a mask in place of each span.
func replaced(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	done := 0
	for _, s := range spans {
		b.WriteString(text[done:s.from])
		b.WriteString(Mask)
		done = s.to
	}
	b.WriteString(text[done:])
	return b.String()
}

// replaceWord masks each occurrence of word in s that is not adjacent to a
// letter, digit or underscore.
func replaceWord(s, word string) string {
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			if b.Len() == 0 {
				return s
			}
			return b.String() + s[from:]
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(word):])
		b.WriteString(s[from:i])
		if isWordRune(before) || isWordRune(after) {
			b.WriteString(word)
		} else {
			b.WriteString(Mask)
		}
		from = i + len(word)
	}
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
