package secretspelling

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// Visible is the number of consecutive bytes of a confidential text that must not
	// be visible. A text with fewer bytes must not be visible as a whole.
	Visible = 9
	// shortest is the minimum number of bytes of a text that a Finder looks for in
	// base64 and in hexadecimal, which decode to anything by chance.
	shortest = 8
	// shortestPart is the minimum number of bytes of a text that a Finder finds within a
	// word.
	shortestPart = 4
)

// A Finder finds confidential texts in other texts. It is safe for concurrent use.
type Finder struct {
	first   [1 << 16]bool     // the first two bytes of the keys of windows
	windows map[string]string // the label of a text, by parts of the text
	sizes   []int             // the numbers of bytes of the keys of windows
	whole   []labeled
	words   []labeled
}

// A labeled is a text and its name.
type labeled struct{ label, text string }

// NewFinder returns a finder without texts.
func NewFinder() *Finder { return &Finder{windows: map[string]string{}} }

// Add makes f find any [Visible] bytes of a text, or the whole of a shorter one. White
// space in the text may also be folded, as in an excerpt of a response. The label names the text in results. Add must not be called concurrently.
func (f *Finder) Add(label, text string) {
	if len(text) < Visible {
		f.AddWhole(label, text)
		return
	}
	if folded := strings.Join(strings.Fields(text), " "); folded != text {
		f.Add(label, folded)
	}
	for i := range len(text) - Visible + 1 {
		window := text[i : i+Visible]
		if strings.TrimSpace(window) == "" {
			continue
		}
		f.AddPart(label, window)
	}
}

// AddPart makes f find a part of a text, of at least [Visible] bytes. Unlike AddWhole, it is
// meant for many parts of few lengths. AddPart must not be called concurrently.
func (f *Finder) AddPart(label, part string) {
	f.windows[part] = label
	f.first[firstTwo(part)] = true
	if !slices.Contains(f.sizes, len(part)) {
		f.sizes = append(f.sizes, len(part))
	}
}

// AddWhole makes f find a text, but no part of it. Add must not be called concurrently.
func (f *Finder) AddWhole(label, text string) {
	switch {
	case text == "":
	case len(text) < shortestPart:
		f.words = append(f.words, labeled{label, text})
	default:
		f.whole = append(f.whole, labeled{label, text})
	}
}

func firstTwo(s string) int { return int(s[0])<<8 | int(s[1]) }

// Find returns which confidential text can be read in a text, and how, such as "the
// key, after JSON, base64". It returns "" if there is none. It decodes the text as far
// as it is encoded, up to five times.
func (f *Finder) Find(text string) string {
	found := ""
	decode(text, func(v *view) bool {
		if label := f.in(v); label != "" {
			found = label
			if v.path != "" {
				found = fmt.Sprintf("%s, after decoding %s", label, v.path)
			}
		}
		return found == ""
	})
	return found
}

// in returns the label of a text that a view shows, or "".
func (f *Finder) in(v *view) string {
	if len(f.windows) > 0 {
		for i := 0; i+Visible <= len(v.text); i++ {
			if !f.first[firstTwo(v.text[i:])] {
				continue
			}
			for _, size := range f.sizes {
				if i+size <= len(v.text) {
					if label, ok := f.windows[v.text[i:i+size]]; ok {
						return label
					}
				}
			}
		}
	}
	for _, s := range f.whole {
		if (!v.binary || len(s.text) >= shortest) && strings.Contains(v.text, s.text) {
			return s.label
		}
	}
	if v.depth > 0 && v.path != jsonStrings {
		return "" // next to the digits of a decoded escape, nothing is a word
	}
	for _, s := range f.words {
		if hasWord(v.text, s.text) {
			return s.label
		}
	}
	return ""
}

// hasWord reports whether a text contains a word that is not next to a letter, digit or
// underscore.
func hasWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if !isWordRune(before) && !isWordRune(after) {
			return true
		}
		from = i + 1
	}
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
}
