package format

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// xmlNames are the rules for the names of members.
type xmlNames struct {
	prefixes map[string]string // by the URIs of namespaces
	lists    map[string]string // the names of elements that are lists, by themselves in lower case
}

// decode decodes the element that begins with start into v. nils reports that elements of
// a struct may be null.
func (n xmlNames) decode(d *xml.Decoder, start xml.StartElement, nils bool, v any) error {
	switch v := v.(type) {
	case *map[string]any:
		got, err := n.readElement(d, start, 0)
		if err != nil {
			return err
		}
		m, ok := got.(map[string]any)
		if !ok {
			m = map[string]any{}
			if got != nil {
				m["#text"] = got
			}
		}
		*v = m
		return nil
	case *any:
		got, err := n.readElement(d, start, 0)
		*v = got
		return err
	case *json.RawMessage:
		got, err := n.readElement(d, start, 0)
		if err != nil {
			return err
		}
		raw, err := jsonv2.Marshal(got, jsonv2.Deterministic(true))
		*v = raw
		return err
	}
	if !nils || keepsText(reflect.TypeOf(v)) {
		return d.DecodeElement(v, &start)
	}
	return decodePresent(d, start, v)
}

// decodePresent decodes an element as encoding/xml does, without the elements in it that
// are null.
func decodePresent(d *xml.Decoder, start xml.StartElement, v any) error {
	return decodeTokens(&presentTokens{d: d, start: &start}, v)
}

func decodeTokens(t *presentTokens, v any) error {
	if err := xml.NewTokenDecoder(t).Decode(v); err != nil {
		return err
	}
	return t.rest()
}

var textKeepers sync.Map // reflect.Type to bool

// keepsText reports whether a struct within the type t has a field for the text of an
// element, which only the original decoder knows.
func keepsText(t reflect.Type) bool {
	if keeps, ok := textKeepers.Load(t); ok {
		return keeps.(bool)
	}
	keeps := findsText(t, map[reflect.Type]bool{})
	textKeepers.Store(t, keeps)
	return keeps
}

// findsText is keepsText without the types in known, which are being examined.
func findsText(t reflect.Type, known map[reflect.Type]bool) bool {
	if t == nil || known[t] {
		return false
	}
	known[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return findsText(t.Elem(), known)
	case reflect.Struct:
		for sf := range t.Fields() {
			if strings.Contains(sf.Tag.Get("xml"), ",innerxml") || findsText(sf.Type, known) {
				return true
			}
		}
	}
	return false
}

// presentTokens are the tokens of an element, without the elements in it that are null.
type presentTokens struct {
	d        *xml.Decoder
	start    *xml.StartElement // the first token
	depth    int
	keepsNil bool              // also the elements that are null
	see      func(name string) // is called for each child element, unless it is nil
}

// Token implements xml.TokenReader.
func (t *presentTokens) Token() (xml.Token, error) {
	if t.start != nil {
		start := *t.start
		t.start, t.depth = nil, 1
		return start, nil
	}
	for {
		if t.depth == 0 {
			return nil, io.EOF
		}
		tok, err := t.d.Token()
		if err != nil {
			return nil, jsonvalue.UnexpectedEOF(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if !t.keepsNil && isNil(tok.Attr) {
				if err := t.d.Skip(); err != nil {
					return nil, jsonvalue.UnexpectedEOF(err)
				}
				continue
			}
			if t.depth == 1 && t.see != nil {
				t.see(tok.Name.Local)
			}
			t.depth++
		case xml.EndElement:
			t.depth--
		}
		return tok, nil
	}
}

// rest reads the tokens that are left.
func (t *presentTokens) rest() error {
	for {
		if _, err := t.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// xsi is the namespace of the attributes that XML Schema defines for documents.
const xsi = "http://www.w3.org/2001/XMLSchema-instance"

// declaresXSI reports whether attributes declare a prefix for the namespace xsi.
func declaresXSI(attrs []xml.Attr) bool {
	for _, a := range attrs {
		if a.Value == xsi {
			return true
		}
	}
	return false
}

// isNilAttr reports whether an attribute is xsi:nil. Some sources do not declare the
// prefix.
func isNilAttr(a xml.Attr) bool {
	return a.Name.Local == "nil" && (a.Name.Space == xsi || a.Name.Space == "xsi")
}

// isNil reports whether the attributes of an element make it null.
func isNil(attrs []xml.Attr) bool {
	for _, a := range attrs {
		if isNilAttr(a) {
			value := strings.TrimSpace(a.Value)
			return value == "true" || value == "1"
		}
	}
	return false
}

// maxXMLDepth is the largest depth of nested elements.
const maxXMLDepth = 1000

var errXMLDepth = fmt.Errorf("%w: more than %d nested elements", ErrTooLarge, maxXMLDepth)

// readElement reads an element as nil, a string or a map.
func (n xmlNames) readElement(d *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > maxXMLDepth {
		return nil, errXMLDepth
	}
	var m elementMembers
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" || isNilAttr(a) {
			continue
		}
		m.add("@"+n.name(a.Name), a.Value, false)
	}
	var text strings.Builder
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, jsonvalue.UnexpectedEOF(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			list, err := n.isList(t.Name.Local)
			if err != nil {
				return nil, err
			}
			v, err := n.readElement(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			m.add(n.name(t.Name), v, list)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return m.withText(text.String()), nil
		}
	}
}

// name returns the name of a member.
func (n xmlNames) name(name xml.Name) string {
	if prefix := n.prefixes[name.Space]; prefix != "" {
		return prefix + ":" + name.Local
	}
	return name.Local
}

// isList reports whether an element is a list even if it occurs once.
func (n xmlNames) isList(local string) (bool, error) {
	if n.lists == nil {
		return false, nil
	}
	name, ok := n.lists[strings.ToLower(local)]
	if ok && name != local {
		return false, fmt.Errorf("format.XML: Lists names %q, but the element is %q", name, shorten.Line(local, 40))
	}
	return ok, nil
}

// elementMembers are the members of the object that an element becomes.
type elementMembers map[string]any

// add adds a member, as a list if list is true or there are several of the name.
func (m *elementMembers) add(name string, v any, list bool) {
	if *m == nil {
		*m = elementMembers{}
	}
	previous, twice := (*m)[name]
	values, ok := previous.([]any)
	switch {
	case !twice && list:
		(*m)[name] = []any{v}
	case !twice:
		(*m)[name] = v
	case ok:
		(*m)[name] = append(values, v)
	default:
		(*m)[name] = []any{previous, v}
	}
}

// withText returns the element's value: an object if it has members, otherwise its text,
// or nil if it has none but the line breaks of an indented document.
func (m elementMembers) withText(text string) any {
	trimmed := strings.TrimSpace(text)
	if m == nil {
		if trimmed == "" && (text == "" || strings.ContainsAny(text, "\r\n")) {
			return nil
		}
		return text
	}
	if trimmed != "" {
		m.add("#text", trimmed, false)
	}
	return map[string]any(m)
}
