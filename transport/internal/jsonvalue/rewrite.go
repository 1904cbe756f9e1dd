package jsonvalue

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A rewriter copies a JSON value so that the decoder reads it independently of the
// order of its members and of the notation of its integers:
//
//   - Of the members of an object that match one field of a struct, it keeps the one
//     whose name is the field's exactly, or the last one of these. If there is none,
//     it keeps the last of those that match without regard to case, which must have
//     the same name or the same value.
//   - It writes a number for an integer as plain digits: 100 for 100.0 and 1e2.
//
// Everything else is copied unchanged.
type rewriter struct {
	dec     *jsontext.Decoder
	cells   bool // integers are the text of cells
	changed bool
}

// rewrite rewrites a value that is decoded into a Go value of the shape s.
func rewrite(raw []byte, s *shape, cells bool) (text []byte, changed bool, err error) {
	if s == nil {
		return raw, false, nil
	}
	r := rewriter{
		dec:   jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true)),
		cells: cells,
	}
	text, err = r.value(make([]byte, 0, len(raw)), s)
	if err != nil {
		var ambiguous *ambiguousError
		if errors.As(err, &ambiguous) {
			return nil, false, err
		}
		// The decoder has reported the error, so this is not the first one.
		return nil, false, nil
	}
	return text, r.changed, nil
}

// value appends the next value.
func (r *rewriter) value(b []byte, s *shape) ([]byte, error) {
	kind := r.dec.PeekKind()
	switch {
	case s == nil:
	case kind == '{' && s.kind == shapeStruct, kind == '{' && s.kind == shapeMap:
		return r.object(b, s)
	case kind == '[' && s.kind == shapeList:
		return r.list(b, s)
	case kind == '0' && s.kind == shapeInteger, kind == '"' && s.kind == shapeInteger:
		v, err := r.dec.ReadValue()
		if err != nil {
			return b, err
		}
		return r.integer(b, v), nil
	}
	v, err := r.dec.ReadValue()
	return append(b, v...), err
}

func (r *rewriter) list(b []byte, s *shape) ([]byte, error) {
	if _, err := r.dec.ReadToken(); err != nil {
		return b, err
	}
	b = append(b, '[')
	for first := true; r.dec.PeekKind() != ']'; first = false {
		if !first {
			b = append(b, ',')
		}
		var err error
		if b, err = r.value(b, s.element); err != nil {
			return b, err
		}
	}
	_, err := r.dec.ReadToken()
	return append(b, ']'), err
}

// A member is a member of an object. Its text is a part of the rewritten text.
type member struct {
	name              string
	start, value, end int // of the member, and of its value
	dropped           bool
}

// valueOf returns the value of the member.
func (m *member) valueOf(text []byte) []byte { return text[m.value:m.end] }

func (r *rewriter) object(b []byte, s *shape) ([]byte, error) {
	if _, err := r.dec.ReadToken(); err != nil {
		return b, err
	}
	b = append(b, '{')
	start := len(b)
	var members []member
	for r.dec.PeekKind() != '}' {
		quoted, err := r.dec.ReadValue()
		if err != nil {
			return b, err
		}
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err != nil {
			return b, err
		}
		m := member{name: string(name), start: len(b)}
		b = append(append(b, quoted...), ':')
		m.value = len(b)
		if b, err = r.value(b, s.valueShape(m.name)); err != nil {
			return b, err
		}
		m.end = len(b)
		b = append(b, ',')
		members = append(members, m)
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return b, err
	}
	if err := r.choose(b, members, s); err != nil {
		return b, err
	}
	end := start
	for _, m := range members {
		if m.dropped {
			continue
		}
		if end > start {
			b[end] = ','
			end++
		}
		end += copy(b[end:], b[m.start:m.end])
	}
	return append(b[:end], '}'), nil
}

// valueShape returns the shape of the value of a member.
func (s *shape) valueShape(name string) *shape {
	if s.kind == shapeMap {
		return s.element
	}
	if field, exact := s.fields[name]; exact {
		return field
	}
	// If several fields match, the decoder reports that the name is ambiguous.
	return s.folded[foldName(name)]
}

// choose drops the members that do not count. They are parts of text.
func (r *rewriter) choose(text []byte, members []member, s *shape) error {
	exact := map[string]int{}  // the last member of each exact name
	folded := map[string]int{} // the last member that matches without regard to case
	for i := range members {
		m := &members[i]
		_, isField := s.fields[m.name]
		if s.kind == shapeMap || isField {
			r.drop(members, exact, m.name)
			exact[m.name] = i
		}
	}
	if s.kind == shapeMap {
		return nil
	}
	covered := map[string]bool{}
	for name := range exact {
		covered[foldName(name)] = true
	}
	for i := range members {
		m := &members[i]
		if _, isField := s.fields[m.name]; isField {
			continue
		}
		key := foldName(m.name)
		if _, isField := s.folded[key]; !isField {
			continue
		}
		if covered[key] {
			m.dropped, r.changed = true, true
			continue
		}
		if last, ok := folded[key]; ok && members[last].name != m.name && !bytes.Equal(members[last].valueOf(text), m.valueOf(text)) {
			return &ambiguousError{members[last].name, m.name}
		}
		r.drop(members, folded, key)
		folded[key] = i
	}
	return nil
}

// drop drops the member that last holds for a key.
func (r *rewriter) drop(members []member, last map[string]int, key string) {
	if i, ok := last[key]; ok {
		members[i].dropped, r.changed = true, true
	}
}

// An ambiguousError reports two members that match one field without regard to case.
type ambiguousError struct{ first, second string }

func (e *ambiguousError) Error() string {
	return fmt.Sprintf("the members %q and %q have different values, and both match the same field without regard to case: give the field the exact name of one of them in its json tag",
		shorten.Line(e.first, 40), shorten.Line(e.second, 40))
}

// integer appends the text of an integer. A cell may have a fraction of zeros, but no
// exponent: spreadsheets write one for numbers whose last digits they drop.
func (r *rewriter) integer(b []byte, v jsontext.Value) []byte {
	number := []byte(v)
	isText := v.Kind() == '"'
	if isText {
		text, err := jsontext.AppendUnquote(nil, v)
		if err != nil || jsontext.Value(text).Kind() != '0' || !jsontext.Value(text).IsValid() || r.cells && bytes.ContainsAny(text, "eE") {
			return append(b, v...)
		}
		number = text
	}
	start := len(b)
	if isText {
		b = append(b, '"')
	}
	b, ok := appendInteger(b, number)
	if !ok {
		return append(b[:start], v...)
	}
	r.changed = true
	if isText {
		b = append(b, '"')
	}
	return b
}
