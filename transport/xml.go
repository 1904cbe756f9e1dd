package transport

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
)

// XML reads elements of an XML text. A struct is filled as encoding/xml does it.
// A map[string]any, an any or a json.RawMessage becomes an object with a
// member per child element, a list where a name comes more than once, with
// attributes as members whose names begin with "@", and an element's own text,
// where it has attributes as well, as "#text". All values are texts; an element
// with nothing in it is null. Namespaces are left out.
type XML struct {
	// At is the path to the elements that are the records, by their local
	// names from the root on, such as "feed.entry". Everything but the last
	// name must be there, or it is an error; no element of the last name is an
	// empty result. Required.
	At string
}

func (XML) accept() string { return "application/xml, text/xml;q=0.9, */*;q=0.5" }
func (XML) markup() bool   { return true }

func (f XML) read(r io.Reader, limit int64, yield func(func(any) error) bool) error {
	steps := strings.Split(f.At, ".")
	if f.At == "" || len(steps) < 2 {
		return fmt.Errorf("transport.XML: At must name the root and the element, such as feed.entry")
	}
	g := &recordGuard{r: r, limit: limit}
	d := xml.NewDecoder(g)
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) { return toUTF8(in, charset) }
	depth, matched, deepest := 0, 0, 0
	for {
		tok, err := d.Token()
		if err == io.EOF && deepest == 0 {
			return fmt.Errorf("%w: it has no element", ErrCut)
		}
		if err == io.EOF {
			if deepest < len(steps)-1 {
				return fmt.Errorf("%w %q: found only %q", ErrNoRecords, f.At, strings.Join(steps[:deepest], "."))
			}
			return nil
		}
		if err != nil {
			return xmlError(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth == matched && matched < len(steps) && t.Name.Local == steps[matched] {
				if matched+1 < len(steps) {
					matched++
					depth++
					deepest = max(deepest, matched)
					continue
				}
				g.n = 0
				if !yield(func(v any) error { return xmlError(decodeElement(d, t, v)) }) {
					return nil
				}
				continue
			}
			if depth == 0 {
				return fmt.Errorf("%w %q: the root is %q", ErrNoRecords, f.At, t.Name.Local)
			}
			g.n = 0
			if err := d.Skip(); err != nil {
				return xmlError(err)
			}
		case xml.EndElement:
			depth--
			matched = min(matched, depth)
		}
	}
}

func xmlError(err error) error {
	var se *xml.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &se) && strings.Contains(se.Msg, "unexpected EOF") {
		return fmt.Errorf("%w within its XML: %w", ErrCut, err)
	}
	return err
}

// decodeElement fills v from the element that begins with start.
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

// readElement returns an element as nil, a string or a map.
func readElement(d *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > maxXMLDepth {
		return nil, fmt.Errorf("more than %d elements within one another", maxXMLDepth)
	}
	var m map[string]any
	add := func(name string, v any) {
		if m == nil {
			m = map[string]any{}
		}
		switch had := m[name].(type) {
		case nil:
			if _, twice := m[name]; twice {
				m[name] = []any{nil, v}
				return
			}
			m[name] = v
		case []any:
			m[name] = append(had, v)
		default:
			m[name] = []any{had, v}
		}
	}
	for _, a := range start.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		add("@"+a.Name.Local, a.Value)
	}
	var text strings.Builder
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, unexpectedEOF(err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			v, err := readElement(d, t, depth+1)
			if err != nil {
				return nil, err
			}
			add(t.Name.Local, v)
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			s := text.String()
			if m == nil {
				if s == "" {
					return nil, nil
				}
				return s, nil
			}
			if s = strings.TrimSpace(s); s != "" {
				add("#text", s)
			}
			return m, nil
		}
	}
}
