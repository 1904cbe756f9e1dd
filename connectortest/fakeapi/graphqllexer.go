package fakeapi

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxDepth is the maximum depth of nested selections, so that a query cannot exhaust
// the stack.
const maxDepth = 50

type tokenKind int

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	stringToken
	punctuator
)

// A queryToken is a token of GraphQL (specification of October 2021, §2.1).
type queryToken struct {
	kind tokenKind
	text string // for a string, its value
	at   place
}

func (t queryToken) String() string {
	switch t.kind {
	case endToken:
		return "the end of the text"
	case stringToken:
		return "a string"
	}
	return t.text
}

// A queryLexer splits the text of a query into tokens.
type queryLexer struct {
	text  string // the rest
	at    place
	depth int
}

// skip removes bytes from the start of the text.
func (l *queryLexer) skip(n int) {
	for _, c := range l.text[:n] {
		l.at.column++
		if c == '\n' {
			l.at = place{l.at.line + 1, 1}
		}
	}
	l.text = l.text[n:]
}

// skipIgnored removes white space, commas and comments.
func (l *queryLexer) skipIgnored() {
	for l.text != "" {
		switch {
		case strings.IndexByte(" \t\r\n,", l.text[0]) >= 0:
			l.skip(1)
		case strings.HasPrefix(l.text, "\ufeff"):
			l.skip(len("\ufeff"))
		case l.text[0] == '#':
			end := strings.IndexAny(l.text, "\r\n")
			if end < 0 {
				end = len(l.text)
			}
			l.skip(end)
		default:
			return
		}
	}
}

func (l *queryLexer) next() (queryToken, *graphqlError) {
	l.skipIgnored()
	t := queryToken{at: l.at}
	if l.text == "" {
		return t, nil
	}
	n := 1
	c := l.text[0]
	switch {
	case strings.HasPrefix(l.text, "..."):
		t.kind, n = punctuator, 3
	case strings.IndexByte("!$&()[]{}:=@|", c) >= 0:
		t.kind = punctuator
	case isNameStart(c):
		t.kind = nameToken
		n = spanOf(l.text, func(c byte) bool { return isNameStart(c) || isDigit(c) })
	case isDigit(c) || c == '-':
		t.kind = numberToken
		n = spanOf(l.text, func(c byte) bool { return isNameStart(c) || isDigit(c) || strings.IndexByte("+-.", c) >= 0 })
		if !json.Valid([]byte(l.text[:n])) {
			return t, &graphqlError{message: "not a number: " + l.text[:n], at: t.at}
		}
	case c == '"':
		return l.string(t)
	default:
		r, _ := utf8.DecodeRuneInString(l.text)
		return t, &graphqlError{message: "unexpected character " + string(r), at: t.at}
	}
	t.text = l.text[:n]
	l.skip(n)
	return t, nil
}

// string reads a string. Its escape sequences are those of JSON, except for those of
// the form \u{1F600}, which it rejects.
func (l *queryLexer) string(t queryToken) (queryToken, *graphqlError) {
	if strings.HasPrefix(l.text, `"""`) {
		return t, &graphqlError{message: "block strings are not supported", at: t.at}
	}
	end := 1
	for end < len(l.text) && l.text[end] != '"' && l.text[end] != '\n' {
		if l.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(l.text) || l.text[end] != '"' || json.Unmarshal([]byte(l.text[:end+1]), &t.text) != nil {
		return t, &graphqlError{message: "the string does not end or is not valid", at: t.at}
	}
	t.kind = stringToken
	l.skip(end + 1)
	return t, nil
}

// spanOf returns the length of the longest prefix whose bytes satisfy f.
func spanOf(text string, f func(byte) bool) (n int) {
	for n < len(text) && f(text[n]) {
		n++
	}
	return n
}

func isNameStart(c byte) bool { return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isName reports whether a text is a name of GraphQL.
func isName(text string) bool {
	return text != "" && isNameStart(text[0]) && spanOf(text, func(c byte) bool { return isNameStart(c) || isDigit(c) }) == len(text)
}
