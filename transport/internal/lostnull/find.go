package lostnull

import (
	"bytes"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Find calls lost for each null of a record that its Go type has lost. The record
// is JSON that has been decoded without an error. The path leads to the null: the
// names of members, "[]" for an element of an array, and "*" for a value of a map.
// It is valid only during the call.
//
// Most records have no null, or only nulls that are not lost. Find then only
// searches the text.
func (p *Plan) Find(record []byte, lost func(f *Field, path []string)) {
	if p == nil || !p.mayLose(record) {
		return
	}
	s := searches.Get().(*search)
	defer searches.Put(s)
	s.src.Reset(record)
	s.dec.Reset(&s.src, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	s.path, s.lost = s.path[:0], lost
	s.value(p.root)
	s.lost = nil
	s.src.Reset(nil)
}

var null = []byte("null")

// mayLose reports whether a null of the record may be one that is lost. It looks
// at the name before each null and errs towards true.
func (p *Plan) mayLose(record []byte) bool {
	for at := 0; ; at += len(null) {
		i := bytes.Index(record[at:], null)
		if i < 0 {
			return false
		}
		at += i
		if p.mayLoseAt(record[:at]) {
			return true
		}
	}
}

// mayLoseAt reports whether a null that follows the given text may be lost.
func (p *Plan) mayLoseAt(before []byte) bool {
	before = trimSpace(before)
	if len(before) == 0 {
		return false
	}
	switch before[len(before)-1] {
	case '[', ',':
		return p.inLists
	case ':':
	default:
		return false // within a string
	}
	if p.inMaps {
		return true
	}
	before = trimSpace(before[:len(before)-1])
	if len(before) == 0 || before[len(before)-1] != '"' {
		return false
	}
	name := before[:len(before)-1]
	quote := bytes.LastIndexByte(name, '"')
	if quote > 0 && name[quote-1] == '\\' {
		return true
	}
	name = name[quote+1:]
	var buffer [64]byte
	folded := buffer[:0]
	for _, c := range name {
		switch {
		case c == '\\' || c >= utf8.RuneSelf:
			return true
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		folded = append(folded, c)
	}
	return p.names[string(folded)]
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\n' || b[len(b)-1] == '\r' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// A search is a search for the nulls of a record.
type search struct {
	src  bytes.Reader
	dec  *jsontext.Decoder
	path []string
	lost func(f *Field, path []string)
}

var searches = sync.Pool{New: func() any {
	s := new(search)
	s.dec = jsontext.NewDecoder(&s.src)
	return s
}}

// value reads a value with the given content. It reports false if the record
// cannot be read.
func (s *search) value(c *content) bool {
	switch kind := s.dec.PeekKind(); {
	case c != nil && kind == '{' && (c.members != nil || c.isMap):
		return s.object(c)
	case c != nil && kind == '[' && c.members == nil && !c.isMap:
		return s.array(c)
	}
	return s.dec.SkipValue() == nil
}

func (s *search) object(c *content) bool {
	if _, err := s.dec.ReadToken(); err != nil {
		return false
	}
	for s.dec.PeekKind() == '"' {
		token, err := s.dec.ReadToken()
		if err != nil {
			return false
		}
		name, p := "*", c.element
		if c.members != nil {
			name = token.String()
			p = c.member(name)
		}
		if !s.at(name, p) {
			return false
		}
	}
	_, err := s.dec.ReadToken()
	return err == nil
}

// member returns the place of the member with a name. Like the decoder, it prefers
// the exact name, and ignores the case of letters otherwise.
func (c *content) member(name string) *place {
	if p := c.members[name]; p != nil {
		return p
	}
	return c.folded[strings.ToLower(name)]
}

func (s *search) array(c *content) bool {
	if _, err := s.dec.ReadToken(); err != nil {
		return false
	}
	for s.dec.PeekKind() != ']' {
		if !s.at("[]", c.element) {
			return false
		}
	}
	_, err := s.dec.ReadToken()
	return err == nil
}

// at reads the value at a place.
func (s *search) at(step string, p *place) bool {
	s.path = append(s.path, step)
	defer func() { s.path = s.path[:len(s.path)-1] }()
	if p == nil {
		return s.dec.SkipValue() == nil
	}
	if p.field != nil && s.dec.PeekKind() == 'n' {
		s.lost(p.field, s.path)
	}
	return s.value(p.content)
}
