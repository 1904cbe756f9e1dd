package format

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// XML reads the elements at a path in an XML document. A struct is decoded as
// encoding/xml does. A map[string]any, an any or a json.RawMessage becomes an
// object with one member per child element:
//
//   - A member whose element occurs several times is a list.
//   - An attribute is a member whose name begins with "@".
//   - The text of an element that has children or attributes is the member
//     "#text".
//   - Every value is a string. An empty element is null.
//
// Namespaces are ignored. The text is in the charset that the XML declaration names,
// unless it has a byte order mark or package transport knows its charset.
type XML struct {
	// At is the path to the elements that are the records: their local names
	// from the root on, joined by dots, such as "feed.entry". It is an error if
	// an element other than the last one is absent. If the last one is absent,
	// the document has no records. Required.
	At string
}

// Accept returns the media types of XML.
func (XML) Accept() string { return "application/xml, text/xml;q=0.9, */*;q=0.5" }

// Markup reports that XML may begin with "<".
func (XML) Markup() bool { return true }

// Read implements [Format].
func (f XML) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f XML) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	path := strings.Split(f.At, ".")
	if f.At == "" || len(path) < 2 {
		return fmt.Errorf("format.XML: At must name the root and the element, such as feed.entry")
	}
	text, err := c.openXML(r)
	if err != nil {
		return err
	}
	limit := &recordLimit{r: text, limit: maxRecord}
	d := xml.NewDecoder(limit)
	d.CharsetReader = func(_ string, utf8 io.Reader) (io.Reader, error) { return utf8, nil }
	// depth counts the open elements, all of which are on the path; deepest is
	// its maximum.
	depth, deepest := 0, 0
	for {
		limit.n = 0
		tok, err := d.Token()
		if err == io.EOF {
			return f.atEnd(path, deepest)
		}
		if err != nil {
			return xmlError(err)
		}
		start, ok := tok.(xml.StartElement)
		if _, end := tok.(xml.EndElement); end {
			depth--
		}
		if !ok {
			continue
		}
		switch onPath := start.Name.Local == path[depth]; {
		case onPath && depth == len(path)-1:
			if !yield(func(v any) error { return xmlError(decodeElement(d, start, v)) }) {
				return nil
			}
		case onPath:
			depth++
			deepest = max(deepest, depth)
		case depth == 0:
			return fmt.Errorf("%w %q: the root is %q", ErrNoRecords, f.At, start.Name.Local)
		default:
			if err := skipElement(d, limit); err != nil {
				return xmlError(err)
			}
		}
	}
}

// skipElement skips the rest of an element of any size. Only its tokens are limited,
// because the decoder holds one at a time.
func skipElement(d *xml.Decoder, limit *recordLimit) error {
	for depth := 1; depth > 0; {
		limit.n = 0
		tok, err := d.Token()
		if err != nil {
			return jsonvalue.UnexpectedEOF(err)
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// atEnd returns the error for a document that has ended after the first deepest
// elements of the path were found.
func (f XML) atEnd(path []string, deepest int) error {
	switch {
	case deepest == 0:
		return fmt.Errorf("%w: it has no element", ErrCut)
	case deepest < len(path)-1:
		return fmt.Errorf("%w %q: found only %q", ErrNoRecords, f.At, strings.Join(path[:deepest], "."))
	}
	return nil
}

func xmlError(err error) error {
	var syntax *xml.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF") {
		return fmt.Errorf("%w within its XML: %w", ErrCut, err)
	}
	return err
}

// decodeElement decodes the element that begins with start into v.
func decodeElement(d *xml.Decoder, start xml.StartElement, v any) error {
	switch v := v.(type) {
	case *map[string]any:
		got, err := readElement(d, start, 0)
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
		got, err := readElement(d, start, 0)
		*v = got
		return err
	case *json.RawMessage:
		got, err := readElement(d, start, 0)
		if err != nil {
			return err
		}
		raw, err := jsonv2.Marshal(got, jsonv2.Deterministic(true))
		*v = raw
		return err
	}
	return d.DecodeElement(v, &start)
}

const maxXMLDepth = 1000

// readElement reads an element as nil, a string or a map.
func readElement(d *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > maxXMLDepth {
		return nil, fmt.Errorf("more than %d nested elements", maxXMLDepth)
	}
	var m elementMembers
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		m.add("@"+a.Name.Local, a.Value)
	}
	var text strings.Builder
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, jsonvalue.UnexpectedEOF(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			v, err := readElement(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			m.add(t.Name.Local, v)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			return m.withText(text.String()), nil
		}
	}
}

// elementMembers are the members of the object that an element becomes.
type elementMembers map[string]any

// add adds a member, as a list if there are several of the name.
func (m *elementMembers) add(name string, v any) {
	if *m == nil {
		*m = elementMembers{}
	}
	previous, twice := (*m)[name]
	list, ok := previous.([]any)
	switch {
	case !twice:
		(*m)[name] = v
	case ok:
		(*m)[name] = append(list, v)
	default:
		(*m)[name] = []any{previous, v}
	}
}

// withText returns the element's value: an object if it has members, otherwise
// its text, or nil if that is empty.
func (m elementMembers) withText(text string) any {
	if m == nil {
		if text == "" {
			return nil
		}
		return text
	}
	if text = strings.TrimSpace(text); text != "" {
		m.add("#text", text)
	}
	return map[string]any(m)
}
