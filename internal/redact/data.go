package redact

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// InData reports whether JSON data, such as a row or a state, contains a secret. It is true if
// [Set.Data] finds one, and also if a secret spans several strings of the data, or is a number.
// It does not allocate for data without a secret, and is meant to be called for each row.
func (s *Set) InData(data []byte) bool {
	if s == nil {
		return false
	}
	if escapes(data) {
		for layer := s; layer != nil; layer = layer.older {
			if layer.data().in(data) {
				return true
			}
		}
		found, folded := s.inDataForm(data, 0)
		if !found && folded {
			found, _ = s.inDataForm(data, inUnfolded)
		}
		return found
	}
	for layer := s; layer != nil; layer = layer.older {
		if layer.normal().inKept(data) || s.where&inUnescaped != 0 && layer.unescaped().in(data) {
			return true
		}
	}
	if !isFolded(data) {
		return false
	}
	found, _ := s.inDataForm(data, inUnfolded)
	return found
}

// inDataForm reports whether data that is brought into the forms contains a secret, and
// whether it has soft line breaks. These are removed first if unfolded is inUnfolded.
func (s *Set) inDataForm(data []byte, unfolded where) (found, folded bool) {
	n := newNormal(data, false)
	defer n.release()
	levels := maxLevels + 1 // the strings of JSON are a level
	if unfolded != 0 {
		n.unescapeJSON()
		levels--
	}
	folded = n.removeEscapes(levels, unfolded)
	if s.where&inUnescaped != 0 {
		for layer := s; layer != nil && !found; layer = layer.older {
			found = layer.unescaped().in(n.text)
		}
	}
	n.drop()
	for layer := s; layer != nil && !found; layer = layer.older {
		found = layer.normal().in(n.text)
	}
	return found, folded
}

// Data returns a JSON value with the secrets in its strings and in the names of its members
// masked, and the number of strings and names that contained one. It does not change
// numbers, whose digits may equal a secret by chance. If a secret spans several of them, such
// as a JSON object that is a secret as a whole, the mask replaces the value. The error reports
// that value is not a JSON value.
func (s *Set) Data(value []byte) (masked []byte, count int, err error) {
	if s == nil {
		return value, 0, nil
	}
	masked, count, err = s.maskedStrings(value)
	if err == nil && s.Spans(masked) {
		return []byte(`"` + Mask + `"`), count + 1, nil
	}
	return masked, count, err
}

// maskedStrings is [Set.Data] for a value that no secret spans.
func (s *Set) maskedStrings(value []byte) (masked []byte, count int, err error) {
	dec := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	names := NewMaskedNames(value)
	for {
		token, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSuffix(out.Bytes(), []byte("\n")), count, nil
		}
		if err != nil {
			return nil, 0, err
		}
		depth := dec.StackDepth()
		switch token.Kind() {
		case '{':
			names.Begin(depth)
		case '"':
			text := token.String()
			if spans := spansOf(text, s.matches(text, data)); len(spans) > 0 {
				count++
				// A secret that is not valid UTF-8 may start or end within a character.
				clean := strings.ToValidUTF8(replaced(text, spans), "\uFFFD")
				if kind, length := dec.StackIndex(depth); kind == '{' && length%2 == 1 {
					clean = names.Unique(depth, clean)
				}
				token = jsontext.String(clean)
			}
		}
		if err := enc.WriteToken(token); err != nil {
			return nil, 0, err
		}
	}
}

// Spans reports whether a JSON value whose strings are masked contains a secret that is not
// part of one number.
func (s *Set) Spans(masked []byte) bool {
	if !s.InData(masked) {
		return false
	}
	dec := jsontext.NewDecoder(bytes.NewReader(masked), jsontext.AllowDuplicateNames(true))
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out, jsontext.AllowDuplicateNames(true))
	for {
		token, err := dec.ReadToken()
		if err != nil {
			return s.InData(out.Bytes()) // the value has ended
		}
		if token.Kind() == '0' && s.InData([]byte(token.String())) {
			token = jsontext.Int(0)
		}
		if err := enc.WriteToken(token); err != nil {
			return true // cannot happen: the token is of a JSON value
		}
	}
}
