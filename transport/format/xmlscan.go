package format

import (
	"bytes"
	"fmt"
)

// An xmlScan reads XML before package encoding/xml, which holds these in memory: a tag with
// all of its attributes, a comment, and the names of all open elements. The scan returns an
// error if they are too large. It does not check the syntax.
type xmlScan struct {
	state  xmlState
	quote  byte   // within a value of an attribute
	end    string // of a comment, a processing instruction or a CDATA section
	opened []byte // the beginning of a tag, up to the length of xmlOpenings
	closed bool   // the last byte of a tag was a slash

	size      int   // of the tag without the values of attributes, or of the comment
	depth     int   // of open elements
	attrs     []int // of each open element
	open      int   // the sum of attrs
	values    int64 // elements and attributes since the last record
	directive xmlDirective
}

type xmlState uint8

const (
	xmlText    xmlState = iota
	xmlOpening          // after "<", until it is known what follows
	xmlTag
	xmlEndTag
	xmlSkipped     // until end
	xmlDeclaration // of a document type, until ">"
)

const (
	// maxXMLMarkup is the largest number of bytes of a tag without the values of its
	// attributes, of a comment, a processing instruction or a document type declaration.
	maxXMLMarkup = 1 << 20
	// maxXMLAttrs is the largest number of attributes of all open elements.
	maxXMLAttrs = 50_000
	// maxXMLNesting is the largest depth of open elements, also of those that package
	// encoding/xml skips. A value that is read has at most maxXMLDepth.
	maxXMLNesting = 10_000
)

// xmlOpenings are the beginnings of markup other than tags, after "<", and their ends.
// An empty end is that of a directive.
var xmlOpenings = []struct{ opening, end string }{{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}, {"!", ""}}

// read reads the next part of the text.
func (x *xmlScan) read(b []byte) error {
	for len(b) > 0 {
		switch x.state {
		case xmlText:
			i := bytes.IndexByte(b, '<')
			if i < 0 {
				return nil
			}
			b = b[i+1:]
			x.state, x.opened, x.size = xmlOpening, x.opened[:0], 0
		case xmlOpening:
			x.opened = append(x.opened, b[0])
			b = b[1:]
			x.begin()
		case xmlTag, xmlEndTag:
			n, err := x.tag(b)
			if err != nil {
				return err
			}
			b = b[n:]
		case xmlSkipped:
			n, err := x.skipped(b)
			if err != nil {
				return err
			}
			b = b[n:]
		case xmlDeclaration:
			n, err := x.declaration(b)
			if err != nil {
				return err
			}
			b = b[n:]
		}
	}
	return nil
}

// begin decides what the markup is that begins with opened.
func (x *xmlScan) begin() {
	prefix := false
	for _, o := range xmlOpenings {
		if len(x.opened) < len(o.opening) && o.opening[:len(x.opened)] == string(x.opened) {
			prefix = true
		}
	}
	if prefix {
		return
	}
	for _, o := range xmlOpenings {
		if bytes.HasPrefix(x.opened, []byte(o.opening)) {
			if x.state, x.end = xmlSkipped, o.end; o.end == "" {
				x.state, x.directive = xmlDeclaration, xmlDirective{}
			}
			x.opened = x.opened[:0]
			return
		}
	}
	x.state, x.closed, x.quote = xmlTag, false, 0
	switch x.opened[0] {
	case '/':
		x.state = xmlEndTag
	case '>':
		x.state = xmlText
	}
	if x.state == xmlTag {
		x.values++
		x.attrs = append(x.attrs, 0)
		x.depth++
	}
}

// tag reads a part of a tag. It returns the number of bytes.
func (x *xmlScan) tag(b []byte) (int, error) {
	for i := 0; i < len(b); i++ {
		if x.quote != 0 {
			n := bytes.IndexByte(b[i:], x.quote)
			if n < 0 {
				return len(b), nil
			}
			i += n
			x.quote = 0
			continue
		}
		if x.size++; x.size > maxXMLMarkup {
			return i, fmt.Errorf("%w: a tag of more than %d bytes without the values of its attributes", ErrTooLarge, maxXMLMarkup)
		}
		switch c := b[i]; c {
		case '"', '\'':
			x.quote = c
		case '=':
			if err := x.attribute(); err != nil {
				return i, err
			}
		case '>':
			err := x.endTag()
			x.state = xmlText
			return i + 1, err
		default:
			x.closed = c == '/'
			continue
		}
		x.closed = false
	}
	return len(b), nil
}

// attribute counts an attribute.
func (x *xmlScan) attribute() error {
	if x.state != xmlTag {
		return nil
	}
	x.values++
	x.open++
	x.attrs[len(x.attrs)-1]++
	if x.open > maxXMLAttrs {
		return fmt.Errorf("%w: more than %d attributes of an element and those around it", ErrTooLarge, maxXMLAttrs)
	}
	return nil
}

// endTag ends a tag. If it closes an element, the element's attributes no longer count.
func (x *xmlScan) endTag() error {
	if x.depth > maxXMLNesting {
		return fmt.Errorf("%w: more than %d nested elements", ErrTooLarge, maxXMLNesting)
	}
	if last := len(x.attrs) - 1; last >= 0 && (x.closed || x.state == xmlEndTag) {
		x.open -= x.attrs[last]
		x.attrs = x.attrs[:last]
		x.depth--
	}
	return nil
}

// skipped reads a part of the text up to end.
func (x *xmlScan) skipped(b []byte) (int, error) {
	last := x.end[len(x.end)-1]
	for i := 0; i < len(b); {
		n := bytes.IndexByte(b[i:], last)
		if n < 0 {
			x.keep(b[i:])
			x.size += len(b) - i
			break
		}
		x.keep(b[i : i+n])
		x.size += n + 1
		i += n + 1
		if string(x.opened)+string(last) == x.end {
			x.state = xmlText
			return i, nil
		}
		x.keep([]byte{last})
	}
	if x.size > maxXMLMarkup && x.end != "]]>" { // a CDATA section is text
		return len(b), fmt.Errorf("%w: a comment or processing instruction of more than %d bytes", ErrTooLarge, maxXMLMarkup)
	}
	return len(b), nil
}

// keep keeps the last bytes before the one that may complete end.
func (x *xmlScan) keep(b []byte) {
	n := len(x.end) - 1
	x.opened = append(x.opened, b[max(0, len(b)-n):]...)
	x.opened = append(x.opened[:0], x.opened[max(0, len(x.opened)-n):]...)
}

// declaration reads a part of a document type declaration.
func (x *xmlScan) declaration(b []byte) (int, error) {
	for i, c := range b {
		if x.size++; x.size > maxXMLMarkup {
			return i, fmt.Errorf("%w: a document type declaration of more than %d bytes", ErrTooLarge, maxXMLMarkup)
		}
		if x.directive.ends(c) {
			x.state = xmlText
			return i + 1, nil
		}
	}
	return len(b), nil
}
