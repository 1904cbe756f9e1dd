package pasted

import (
	"net"
	"slices"
	"strings"
	"unicode"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
	"github.com/penstock-sdk/penstock/internal/shorten"
)

// minKey is the minimum length in bytes of text that looks like a key.
const minKey = 16

// prefixes are the beginnings of keys of well-known sources.
var prefixes = lazyregexp.New(`^(?:(?:sk|pk|rk)_(?:live|test)_|sk-|gh[opsur]_|github_pat_|glpat-|xox[a-z]-|shp(?:at|ss|ca|pa)_|AKIA|ASIA|AIza|ya29\.|eyJ)`)

// natural matches parts of names that contain letters and digits although a person has
// written them: a word with a number, a point in time and the end of one, and the version of
// an API.
var natural = lazyregexp.New(`^(?:[A-Za-z]+[0-9]{1,4}|[0-9]{1,4}[A-Za-z]+|[0-9]{4}[qQwW][0-9]{1,2}|[0-9]{8}[tT][0-9]{6}[zZ]?|[0-9]+[zZ]|[vV][0-9]+(?:alpha|beta|rc|p)[0-9]+)$`)

// compactTime matches a point in time without separators.
var compactTime = lazyregexp.New(`^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$`)

// run matches a word or a number within a name.
var run = lazyregexp.New(`[0-9]+|[A-Z]?[a-z]+|[A-Z]+`)

// hexadecimal matches digits, among which a run may be long by chance.
var hexadecimal = lazyregexp.New(`^(?:[0-9a-f]+|[0-9A-F]+)$`)

// minRun is the average length in bytes of the words and numbers of a name that a person has
// composed, such as orders20240115backup. Those of a random text are shorter.
const minRun = 6

// host matches text that begins with the name of a host.
var host = lazyregexp.New(`^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?(?:[/?#]|$)`)

// LooksLikeKey reports whether text looks like a key, a token or another generated
// secret rather than a name, a number or a sentence: it is a single word with at least
// 16 bytes, and a part of it seems to be random. It does not recognize passwords that a
// person has made up. It may report true for a generated ID, such as a UUID.
func LooksLikeKey(text string) bool {
	if len(text) < minKey || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	return prefixes().MatchString(text) || strings.ContainsFunc(text, unicode.IsLetter) && hasRandomPart(text)
}

func hasRandomPart(text string) bool {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isAlphanumeric(r) }) {
		if isRandom(part) {
			return true
		}
	}
	return false
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isRandom reports whether letters and digits seem to be random.
func isRandom(part string) bool {
	var letters, upper, digits, rises int // a rise is an upper-case letter after a lower-case one
	for i, r := range part {
		switch {
		case '0' <= r && r <= '9':
			digits++
		default:
			letters++
			if unicode.IsUpper(r) {
				upper++
			}
			if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(part[i-1])) {
				rises++
			}
		}
	}
	switch {
	case digits == 0:
		// In words like ThisName, few letters are in upper case.
		return letters >= 20 && rises >= letters/5 && 10*upper >= 3*letters
	case letters == 0:
		return digits >= 10 && !compactTime().MatchString(part)
	}
	if len(part) < 6 || natural().MatchString(part) {
		return false
	}
	return len(part) >= minKey && hexadecimal().MatchString(part) || len(part) < minRun*len(run().FindAllStringIndex(part, -1))
}

// topLevel matches the last label of the name of a host on the Internet.
var topLevel = lazyregexp.New(`^(?:[A-Za-z]{2,18}|xn--[A-Za-z0-9-]+)$`)

// HostIsKey reports whether the name of a host in a URL looks like a key: a person has
// pasted the key in place of the URL. A lookup would send it to a name server.
func HostIsKey(name string) bool {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	last := labels[len(labels)-1]
	if net.ParseIP(name) != nil || len(labels) > 1 && topLevel().MatchString(last) {
		return false
	}
	return slices.ContainsFunc(labels, LooksLikeKey)
}

// Keys returns the words of a text that look like keys. A URL consists of several words,
// so that its host and its path are not hidden with a key in its query.
func Keys(text string) []string {
	var found []string
	whole := Trim(text)
	if !strings.Contains(whole, "://") && !strings.Contains(whole, "@") && !host().MatchString(whole) && LooksLikeKey(whole) &&
		!strings.ContainsAny(whole, `"'{}[]<>`) {
		found = append(found, whole)
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isAlphanumeric(r) && r != '_' && r != '-' }) {
		if LooksLikeKey(word) && word != whole {
			found = append(found, word)
		}
	}
	return found
}

// NotShown replaces text that is not shown because it may be a key.
const NotShown = "[not shown]"

// Mask returns text in which the words that look like keys are replaced by "[not
// shown]".
func Mask(text string) string {
	for _, key := range Keys(text) {
		text = strings.ReplaceAll(text, key, NotShown)
	}
	return text
}

// maxLabel is the maximum length in bytes of a label that is shown.
const maxLabel = 64

// Label returns the name of a table, a column or a partition that a state, a selection or
// a catalog contains, as it may be shown in an error or in a log. Unlike [Name], it accepts
// any characters except those of JSON objects, masks words that look like keys, and cuts
// off the rest of a long name.
func Label(name string) string {
	if strings.ContainsAny(name, `"{}`) || name == "" {
		return NotShown
	}
	return shorten.Line(Mask(name), maxLabel)
}

// maxName is the maximum length in bytes of a name from outside that is shown.
const maxName = 40

// Name returns a name from outside, such as that of an unknown member, if it may be
// shown in an error or in a log: it has at most 40 bytes, consists of letters, digits and
// the characters "_-.$", and does not look like a key. Otherwise it returns "[not shown]",
// because a key or a whole configuration may have been pasted in its place.
func Name(name string) string {
	isPart := func(r rune) bool {
		return r != '\uFFFD' && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.$", r))
	}
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !isPart(r) }) || LooksLikeKey(name) {
		return NotShown
	}
	return name
}
