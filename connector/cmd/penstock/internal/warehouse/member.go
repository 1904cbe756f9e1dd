package warehouse

import (
	"github.com/go-json-experiment/json/jsontext"
)

// members reads the members of a JSON object that is known to be valid, one
// after another.
type members struct {
	rest []byte
	tmp  []byte // of a name that was escaped
}

// over returns the members of an object.
func (m *members) over(object []byte) {
	m.rest = object[1+blank(object[1:]):]
}

// next returns the next member. The name is good until the one after; ok is
// false after the last one.
func (m *members) next() (name, value []byte, ok bool) {
	if m.rest[0] == '}' {
		return nil, nil, false
	}
	n := text(m.rest)
	name = m.rest[1 : n-1]
	for _, c := range name {
		if c == '\\' {
			m.tmp, _ = jsontext.AppendUnquote(m.tmp[:0], m.rest[:n]) // which is valid
			name = m.tmp
			break
		}
	}
	m.rest = m.rest[n:]
	m.rest = m.rest[blank(m.rest)+1:] // the colon
	m.rest = m.rest[blank(m.rest):]
	n = length(m.rest)
	value = m.rest[:n]
	m.rest = m.rest[n:]
	if m.rest = m.rest[blank(m.rest):]; m.rest[0] == ',' {
		m.rest = m.rest[1+blank(m.rest[1:]):]
	}
	return name, value, true
}

// blank returns how much white space text begins with.
func blank(b []byte) int {
	n := 0
	for n < len(b) && (b[n] == ' ' || b[n] == '\t' || b[n] == '\n' || b[n] == '\r') {
		n++
	}
	return n
}

// text returns the length of the JSON string that b begins with.
func text(b []byte) int {
	for i := 1; ; i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}

// length returns the length of the JSON value that b begins with.
func length(b []byte) int {
	switch b[0] {
	case '"':
		return text(b)
	case '{', '[':
		depth := 0
		for i := 0; ; i++ {
			switch b[i] {
			case '"':
				i += text(b[i:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	n := 0
	for n < len(b) && b[n] != ',' && b[n] != '}' && b[n] != ']' && b[n] > ' ' {
		n++
	}
	return n
}
