package secretspelling

import (
	"regexp"
	"strings"
)

// The functions of this file are the exceptions that package connector documents.

const (
	// ShortInData is the number of bytes from which on a secret is looked for in rows
	// and states, and in base64 and hexadecimal.
	ShortInData = 8
	// ShortInText is the number of bytes from which on a secret is looked for within
	// words and in escapes.
	ShortInText = 4
)

// shortWithEscapes is the number of bytes from which on the start of a secret is looked for
// although the secret itself looks like a text with the escapes of a backslash.
const shortWithEscapes = 24

// escapesItself matches a secret that contains such an escape.
var escapesItself = regexp.MustCompile(`\\(?:[abfnrtv]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})`)

// token matches a key or a token.
var token = regexp.MustCompile(`^[\w.+/=-]+$`)

// IsException reports whether a secret in this spelling need not be recognized in a text
// for people that ends with it.
func (s *Spelling) IsException(secret string) bool {
	switch {
	case len(secret) < ShortInText:
		return s.Spell(secret) != secret // masked only as a separate word
	case len(secret) < ShortInData:
		return s.Binary
	case s.Twice: // base64 of base64
		return true
	case s.Last && len(secret) < shortWithEscapes && escapesItself.MatchString(secret):
		return true // its start has few characters when the text around it is decoded
	case strings.HasSuffix(s.Name, "cut and a count") && !token.MatchString(secret):
		return true // the parts of a text that is not one word may be common words
	}
	return false
}

// IsExceptionWithin is [Spelling.IsException] for a text that other text follows. A part
// of a secret is recognized only at an end of a text and next to an ellipsis, unless it
// is long.
func (s *Spelling) IsExceptionWithin(secret string) bool {
	spelled := s.Spell(secret)
	return s.IsException(secret) || s.Last && !strings.HasSuffix(spelled, "…") && !strings.HasSuffix(spelled, "...") && !strings.HasSuffix(spelled, "]")
}

// IsExceptionInData is [Spelling.IsException] for rows and states. There, a match is more
// likely to be data than the secret, and no program cuts off what it delivers.
func (s *Spelling) IsExceptionInData(secret string) bool {
	return s.IsException(secret) || len(secret) < ShortInData || s.Last
}
