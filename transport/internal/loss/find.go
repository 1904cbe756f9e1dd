package loss

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/internal/floatdigits"
)

// Find calls lost for each null of a record, and for each number, that its Go type has
// lost. The record is JSON that has been decoded without an error. The path leads to the value: the
// names of members, "[]" for an element of an array, and "*" for a value of a map.
// It is valid only during the call.
//
// Most records have no null and no long number, or only such that are not lost. Find then
// only searches the text.
func (p *Plan) Find(record []byte, lost func(f *Field, path []string)) {
	if p != nil && (p.mayLose(record) || p.mayLoseDigits(record)) {
		p.search(record, lost)
	}
}

// search is Find for a record that has lost a value.
func (p *Plan) search(record []byte, lost func(f *Field, path []string)) {
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
	if !p.nulls.any() {
		return false
	}
	for at := 0; ; at += len(null) {
		i := bytes.Index(record[at:], null)
		if i < 0 {
			return false
		}
		at += i
		if p.nulls.follow(record[:at]) {
			return true
		}
	}
}

// mayLoseDigits reports whether a number of the record may have lost digits. It looks only
// at numbers that a float may not hold, and errs towards true.
func (p *Plan) mayLoseDigits(record []byte) bool {
	if p.bits == 0 {
		return false
	}
	for at := 0; ; {
		start, end := floatdigits.NextRun(record, at, floatdigits.Safe(p.bits)+1)
		if start < 0 {
			return false
		}
		at = end
		if start > 0 && record[start-1] == '-' {
			start--
		}
		for end < len(record) && strings.IndexByte("0123456789.eE+-", record[end]) >= 0 {
			end++
		}
		before := record[:start]
		if start > 0 && before[start-1] == '"' { // a number in quotes
			before = before[:start-1]
		}
		if p.floats.follow(before) && !survives(record[start:end], p.bits) {
			return true
		}
	}
}

// survives reports whether a number that is decoded into a float has the digits that it had.
func survives(number []byte, bits int) bool {
	if len(number) <= floatdigits.Safe(bits) {
		return true
	}
	f, err := strconv.ParseFloat(string(number), bits)
	return err != nil || floatdigits.Survive(number, f, bits)
}

// follow reports whether a value that follows the given text may be at one of the places.
func (p *places) follow(before []byte) bool {
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

// A search is a search for the values of a record that are lost.
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
	switch kind := s.dec.PeekKind(); {
	case p.field != nil && kind == 'n':
		s.lost(p.field, s.path)
	case p.float != nil && (kind == '0' || kind == '"'):
		return s.number(p.float)
	}
	return s.value(p.content)
}

// number reads a number, which may be in quotes, that is decoded into a float.
func (s *search) number(f *Field) bool {
	text, err := s.dec.ReadValue()
	if err != nil {
		return false
	}
	if text.Kind() == '"' {
		text = text[1 : len(text)-1] // a number with escape sequences is not looked at
	}
	if !survives(text, f.Bits) {
		s.lost(f, s.path)
	}
	return true
}
