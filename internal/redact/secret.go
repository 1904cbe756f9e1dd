package redact

import (
	"encoding/json"
	"strings"
)

// A secret is a value with the patterns that find it. It is immutable.
type secret struct {
	value    string
	parts    []string // that are secret by themselves
	patterns []*pattern
	data     [][]byte // the texts that are looked for in data as it is
}

// The kinds of text in which a pattern is looked for.
type where uint8

const (
	inText      where = 1 << iota // text as it is
	inNormal                      // the normal form of text
	inUnescaped                   // text without escapes
	inUnfolded                    // in addition to another one: without the soft line breaks of quoted-printable text
)

// A pattern is a sequence of bytes that is or contains a secret.
type pattern struct {
	text  string
	form  string // for messages
	where where
	run   bool // see form.run
	data  bool // see form.data
	// adjacent patterns match only if nothing was removed between their characters: they
	// are so short that they may occur by chance otherwise.
	adjacent bool
	// public is the number of bytes at the start that are not secret, such as the scheme
	// of a URL, or -1 if parts of the pattern are not secret.
	public int
	// cut is the number of bytes of a part that matches where a text was cut.
	cut int
	// anywhere patterns match if a text contains minPart of their bytes.
	anywhere bool
	// tail patterns also match if a text contains only their end, because it was cut
	// before. The end of a connection string is the name of a host or of a database.
	tail bool
}

// newSecret returns the secret with a value of at least minText bytes.
func newSecret(value string) *secret {
	s := &secret{value: value, parts: parts(value)}
	public, anywhere, tail := publicPrefix(value, s.parts), isToken(value), !isConnectionString(value)
	add := func(f form, text string, where where) *pattern {
		for _, p := range s.patterns {
			if p.text == text {
				p.where |= where
				return p
			}
		}
		p := &pattern{text: text, form: f.name, where: where, run: f.run, data: f.data && len(value) >= minData, public: -1, cut: minCut}
		s.patterns = append(s.patterns, p)
		return p
	}
	for i, f := range forms(value) {
		if f.data && len(value) >= minData {
			s.data = append(s.data, []byte(f.text))
		}
		compared := normalText(f.text)
		if i == 0 {
			plain := add(f, value, inText)
			if public >= 0 {
				plain.public, plain.anywhere, plain.tail = public, anywhere, tail
			}
			if query := strings.ReplaceAll(value, " ", "+"); query != value {
				p := add(form{name: withEscapes, data: f.data}, query, inText)
				p.public, p.anywhere, p.tail = plain.public, plain.anywhere, plain.tail
			}
		}
		switch {
		case len(compared) >= minData:
			p := add(f, compared, inNormal)
			if public >= 0 && p.public < 0 {
				p.public, p.anywhere, p.tail = 0, anywhere, tail
				if i == 0 || f.name == withEscapes {
					p.public = len(normalText(value[:public]))
				}
				if len(compared) < len(f.text) {
					p.cut = blockSize // minCut bytes of the secret have fewer bytes in normal form
				}
			}
		case compared == f.text:
			add(f, compared, inNormal).adjacent = true
		default: // so little remains that it may occur by chance
			for _, text := range []string{f.text, strings.ReplaceAll(f.text, " ", "+")} {
				if text = unescapedText(text); len(text) >= minText { // a secret may consist of escapes only
					add(f, text, inUnescaped)
				}
			}
		}
	}
	return s
}

// normalText returns the normal form of a text.
func normalText(text string) string {
	n := normalize(text, inNormal)
	defer n.release()
	return string(n.text)
}

// unescapedText returns a text without escapes.
func unescapedText(text string) string {
	n := normalize(text, inUnescaped)
	defer n.release()
	return string(n.text)
}

// publicPrefix returns the number of bytes at the start of a secret that people know, so
// that a text that contains only them is not masked. It returns -1 for a JSON object some
// members of which count as secrets, the parts: the others are not secret.
func publicPrefix(secret string, parts []string) int {
	if strings.HasPrefix(secret, "{") && json.Valid([]byte(secret)) && len(parts) > 0 {
		return -1
	}
	if strings.HasPrefix(secret, pemBegin) {
		if header := strings.Index(secret[len(pemBegin):], "-----"); header >= 0 {
			return len(pemBegin) + header + len("-----")
		}
	}
	if scheme := strings.Index(secret, "://"); scheme >= 0 {
		return scheme + len("://")
	}
	return 0
}

// isToken reports whether a secret looks like a key or a token, whose parts do not occur in
// other text.
func isToken(secret string) bool {
	return !strings.ContainsAny(secret, " \t\r\n") && !isConnectionString(secret)
}

// isConnectionString reports whether parts of a secret may be public, as in a URL.
func isConnectionString(secret string) bool {
	return strings.ContainsAny(secret, ";{<@\n") || strings.Contains(secret, "://")
}
