package format

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// XML reads the elements at a path in an XML document. A struct is decoded as
// encoding/xml does, so its fields need xml tags beside the json tags that name the columns:
//
//	ID int64 `json:"id" xml:"id"`
//
// If an element or attribute has the name in a json tag, but no field receives it, the user
// of the platform is warned. A map[string]any, an any or a json.RawMessage becomes an object
// with one member per child element:
//
//   - A member whose element occurs several times is a list. So is a member that Lists
//     names, even if its element occurs once.
//   - An attribute is a member whose name begins with "@".
//   - The text of an element that has children or attributes is the member
//     "#text", without the white space around it.
//   - Every value is a string. An element without text is null, and so is one whose
//     text is white space with a line break.
//
// An element with the attribute xsi:nil="true" (XML Schema 1.0) is null. In a struct, its
// field keeps the zero value, so a pointer stays nil, if the record or an element around it
// declares the prefix.
//
// Elements of different namespaces with the same local name are members of the same
// name, unless Prefixes distinguishes them.
//
// The only entities are those that XML itself defines: &lt; &gt; &amp; &apos; and &quot;. Any
// other one, such as &nbsp; or one of a document type declaration, is an error.
//
// The charset of the text is the one that the XML declaration names. A byte order mark, and
// the charset of a response, take precedence over it.
type XML struct {
	// At is the path to the elements that are the records: the local names of the
	// elements from the root to the record, joined by dots, such as "feed.entry". If an
	// element other than the last one of the path is absent, that is an error. If the last
	// one is absent, the document has no records, unless an element in its place has a
	// similar name or contains elements of that name, which is an error. Required.
	At string

	// Lists are the names of the elements that are lists in a map, an any or a
	// json.RawMessage even if they occur only once, such as "item". Without Lists, the
	// same column would be an object in a row with one item and a list in a row with
	// several. An absent element has no member. An element whose name differs from one of
	// Lists only in case is an error. Optional.
	Lists []string

	// Prefixes are the prefixes of namespaces, by their URIs. In a map, an any or a
	// json.RawMessage, the names of their elements and attributes begin with the
	// prefix and a colon, such as "media:title" and "@xlink:href". Optional; by
	// default, names have no prefix.
	Prefixes map[string]string
}

// Accept returns the media types of XML.
func (XML) Accept() string { return "application/xml, text/xml;q=0.9, */*;q=0.5" }

// Markup reports that XML may begin with "<".
func (XML) Markup() bool { return true }

// Read implements [Format].
func (f XML) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f XML) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	path := strings.Split(f.At, ".")
	if f.At == "" || len(path) < 2 {
		return fmt.Errorf("format.XML: At must name the root and the element, such as feed.entry")
	}
	names, err := f.names()
	if err != nil {
		return err
	}
	text, err := c.openXML(r)
	if err != nil {
		return err
	}
	scanned := newXMLReader(text, maxRecord)
	d := xml.NewDecoder(scanned)
	d.CharsetReader = func(_ string, utf8 io.Reader) (io.Reader, error) { return utf8, nil }
	p := xmlPath{steps: path}
	tags := tagCheck{loss: c}
	for {
		scanned.beginRecord()
		tok, err := d.Token()
		if err == io.EOF {
			return p.atEnd(f.At)
		}
		if err != nil {
			return xmlError(err)
		}
		start, ok := tok.(xml.StartElement)
		if _, end := tok.(xml.EndElement); end {
			p.depth--
		}
		if text, isText := tok.(xml.CharData); isText && p.depth == 0 && p.deepest == 0 {
			if text = bytes.TrimSpace(text); len(text) > 0 {
				return fmt.Errorf("the text is not XML: it begins with %q", shorten.Line(string(text), 60))
			}
		}
		if !ok {
			continue
		}
		switch onPath := start.Name.Local == path[p.depth]; {
		case onPath && p.depth == len(path)-1:
			p.found = true
			nils := p.nils || declaresXSI(start.Attr)
			if !yield(func(v any) error { return recordError(d, tags.decode(names, d, start, nils, v)) }) {
				return nil
			}
		case onPath:
			p.enter(start)
		case p.depth == 0:
			return fmt.Errorf("%w %q: the root is %q", ErrNoRecords, f.At, shorten.Line(start.Name.Local, 40))
		default:
			if err := p.skip(d, scanned, start.Name.Local); err != nil {
				return xmlError(err)
			}
		}
	}
}

// names returns the rules for the names of members.
func (f XML) names() (xmlNames, error) {
	n := xmlNames{prefixes: f.Prefixes}
	for _, name := range f.Lists {
		if name == "" || strings.ContainsAny(name, ".@#/ ") {
			return n, fmt.Errorf("format.XML: Lists must hold names of elements, such as item, and not %q", name)
		}
		if n.lists == nil {
			n.lists = map[string]string{}
		}
		n.lists[strings.ToLower(name)] = name
	}
	for _, name := range f.Lists {
		if other := n.lists[strings.ToLower(name)]; other != name {
			return n, fmt.Errorf("format.XML: Lists has the names %q and %q, which differ only in case", name, other)
		}
	}
	return n, nil
}

// An xmlPath is the path to the records, and what has been found of it.
type xmlPath struct {
	steps []string
	// depth counts the open elements, all of which are on the path; deepest is its
	// maximum.
	depth, deepest int
	found          bool // a record
	nils           bool // an element has declared the namespace xsi
	// others are the names of some elements in place of the step after the deepest
	// one. suspect is the name of one that may be meant, and nested reports that it
	// contains an element with the name of the step.
	others  []string
	suspect string
	nested  bool
}

// enter records that an element of the path has been opened.
func (p *xmlPath) enter(start xml.StartElement) {
	p.depth++
	p.nils = p.nils || declaresXSI(start.Attr)
	if p.depth > p.deepest {
		p.deepest, p.others, p.suspect = p.depth, nil, ""
	}
}

// skip reads the rest of an element that is not on the path, of any size. Only its
// tokens are limited, because the decoder holds one at a time.
func (p *xmlPath) skip(d *xml.Decoder, text *xmlReader, name string) error {
	look := !p.found && p.depth == p.deepest
	if look && len(p.others) < 12 && !slices.Contains(p.others, name) {
		p.others = append(p.others, shorten.Line(name, 40))
	}
	step := p.steps[p.depth]
	if look && p.suspect == "" && isSimilar(name, step) {
		p.suspect = shorten.Line(name, 40)
	}
	for depth := 1; depth > 0; {
		if depth > maxXMLDepth { // the decoder holds the names of the open elements
			return errXMLDepth
		}
		text.beginRecord()
		tok, err := d.Token()
		if err != nil {
			return jsonvalue.UnexpectedEOF(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			depth++
			if look && !p.nested && tok.Name.Local == step {
				p.suspect, p.nested = shorten.Line(name, 40), true
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// atEnd returns the error for a document that has ended.
func (p *xmlPath) atEnd(at string) error {
	parent := strings.Join(p.steps[:p.deepest], ".")
	switch {
	case p.found:
		return nil
	case p.deepest == 0:
		return fmt.Errorf("%w: it has no element", ErrCut)
	case p.deepest < len(p.steps)-1 && len(p.others) > 0:
		return fmt.Errorf("%w %q: found only %q, with the elements %s", ErrNoRecords, at, parent, strings.Join(p.others, ", "))
	case p.deepest < len(p.steps)-1:
		return fmt.Errorf("%w %q: found only %q", ErrNoRecords, at, parent)
	case p.nested:
		return fmt.Errorf("%w %q: the elements %s are deeper, within %s.%s", ErrNoRecords, at, p.steps[p.deepest], parent, shorten.Line(p.suspect, 40))
	case p.suspect != "":
		return fmt.Errorf("%w %q: %s has no element %s, but %s", ErrNoRecords, at, parent, p.steps[p.deepest], shorten.Line(p.suspect, 40))
	}
	return nil
}

// recordError returns the error of a record, with the line if the decoder does not name
// it, and says what to do about a text that is not a number.
func recordError(d *xml.Decoder, err error) error {
	var number *strconv.NumError
	if !errors.As(err, &number) {
		return xmlError(err)
	}
	line, _ := d.InputPos()
	return fmt.Errorf("line %d: %w: decode such an element into a string or a json.Number", line, err)
}

// maxXMLError is the largest number of bytes of the text of a syntax error.
const maxXMLError = 200

// xmlError returns an error that wraps ErrCut if the document ends too early.
func xmlError(err error) error {
	var syntax *xml.SyntaxError
	if !errors.As(err, &syntax) {
		if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrCut) {
			return fmt.Errorf("%w within its XML: %w", ErrCut, err)
		}
		return err
	}
	if len(syntax.Msg) > maxXMLError { // it quotes a name
		err = &xml.SyntaxError{Msg: shorten.Line(syntax.Msg, maxXMLError), Line: syntax.Line}
	}
	switch {
	case strings.Contains(syntax.Msg, "unexpected EOF"):
		return fmt.Errorf("%w within its XML: %w", ErrCut, err)
	case strings.Contains(syntax.Msg, "character entity"):
		return fmt.Errorf("%w: XML defines only &lt; &gt; &amp; &apos; and &quot;, and entities of a document type declaration are not read", err)
	}
	return err
}
