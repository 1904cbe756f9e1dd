package connectortest

import (
	"slices"
	"strings"
	"unicode"
)

// isMisspelling reports whether one name is surely meant to be the other: they differ
// only in case, separators, or one letter of a long word. Two names that differ in a
// digit or in a whole word are different names.
func isMisspelling(a, b string) bool {
	plainA, plainB := plainName(a), plainName(b)
	if plainA == plainB {
		return plainA != ""
	}
	wordsA, wordsB := wordsOf(a), wordsOf(b)
	if len(wordsA) != len(wordsB) {
		return false
	}
	different := false
	for i, word := range wordsA {
		other := wordsB[i]
		if word == other {
			continue
		}
		if different || !isMisspelledWord(word, other) {
			return false
		}
		different = true
	}
	return different
}

// wordsOf returns the words of a name in lower case: order_id and orderId have two.
func wordsOf(name string) (words []string) {
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
		case unicode.IsUpper(r) && lower:
			end()
			fallthrough
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		lower = unicode.IsLower(r)
	}
	end()
	return words
}

// otherWords are pairs of different words that differ in one letter and that sources use
// for different things.
var otherWords = map[string]string{
	"altitude": "latitude",
	"angel":    "angle",
	"border":   "order",
	"changed":  "charged",
	"changes":  "charges",
	"contact":  "contract",
	"contacts": "contracts",
	"count":    "county",
	"country":  "county",
	"form":     "from",
	"shipping": "shopping",
	"trail":    "trial",
	"trails":   "trials",
}

// The lengths that a word needs so that a difference is surely a misspelling. A letter
// instead of another one makes a different word more often than a missing letter, and two
// swapped letters rarely do.
const (
	minSwappedLetters = 4
	minMissingLetter  = 5
	minWrongLetter    = 7
)

// isMisspelledWord reports whether two different words differ in one letter that does
// not make another word of it. A last letter often does: approved and approver, close
// and closed, note and notes.
func isMisspelledWord(a, b string) bool {
	if otherWords[min(a, b)] == max(a, b) {
		return false
	}
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	differ := slices.Concat(x[i:min(i+1, len(x))], y[i:i+1])
	if slices.ContainsFunc(differ, unicode.IsDigit) {
		return false
	}
	switch {
	case len(y) == len(x)+1: // one letter is missing
		inflected := i == len(x) && (y[i] == 's' || y[i] == 'd')
		return len(y) >= minMissingLetter && !inflected && slices.Equal(x[i:], y[i+1:])
	case len(y) != len(x):
		return false
	case i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i]: // two letters are swapped
		return len(x) >= minSwappedLetters && slices.Equal(x[i+2:], y[i+2:])
	}
	return len(x) >= minWrongLetter && i+1 < len(x) && slices.Equal(x[i+1:], y[i+1:])
}
