package nextpage

import (
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// A member is a member of a page that may be a candidate.
type member struct {
	*finder
	names   []string // the path to it
	word    string   // its plain name
	value   jsonpath.Span
	trusted bool // its object usually holds pointers
	sized   bool // the size of a page is known
	same    similarity
}

func (m *member) add(c Candidate) {
	c.same = m.same
	if c.At == "" {
		c.At = path(m.names)
	}
	m.found = append(m.found, c)
}

// inner are the members of an object that describes the next page.
var inner = []string{"href", "url", "uri", "link", "cursor", "token", "after", "startingafter", "page", "offset", "value", "id"}

// pointerObject adds an object that describes the next page, such as the next of
// {"next": {"href": "…"}}, and reports whether it is one.
func (m *member) pointerObject() bool {
	if !telling(m.word) && m.same < misspelled {
		return false
	}
	doc := m.page.Doc
	best, at := len(inner), jsonpath.Span{}
	var name string
	doc.Members(m.value, func(n string, v jsonpath.Span) bool {
		if i := slices.Index(inner, plain(n)); i >= 0 && i < best {
			if text, err := m.scalarAt(v); err == nil && !isEmpty(text) {
				best, at, name = i, v, n
			}
		}
		return true
	})
	if best < len(inner) {
		names := append(slices.Clip(m.names), name)
		text, _ := m.scalarAt(at)
		if best >= slices.Index(inner, "value") && !isURL(text) {
			return false
		}
		m.addPointer(path(names), text)
		return true
	}
	if (m.word == "lastevaluatedkey" || m.word == "continue" || m.word == "querycontinue") && !doc.Empty(m.value) {
		m.add(Candidate{Kind: Token, Sure: m.trusted})
		return true
	}
	return false
}

// array adds an array of links, or a token that is an array.
func (m *member) array() {
	doc := m.page.Doc
	if doc.Empty(m.value) {
		return
	}
	if m.word != "links" && m.word != "link" {
		m.pointerArray()
		return
	}
	n := 0
	doc.Elements(m.value, func(v jsonpath.Span) bool {
		if doc.Body[v.Start] == '{' && m.isNextLink(v) {
			m.add(Candidate{Kind: Element, Sure: m.trusted})
			return false
		}
		n++
		return n < maxElements
	})
}

// pointerArray adds an array that has the name of a pointer: a list of one link, as in
// HAL, or a token.
func (m *member) pointerArray() {
	if !telling(m.word) && m.same < misspelled {
		return
	}
	m.page.Doc.Elements(m.value, func(v jsonpath.Span) bool {
		if m.page.Doc.Body[v.Start] == '{' {
			element := *m
			element.names, element.value = append(slices.Clip(m.names), "0"), v
			element.pointerObject()
		} else {
			m.add(Candidate{Kind: Token, Sure: m.trusted && m.same >= misspelled})
		}
		return false
	})
}

// isNextLink reports whether an object is a link with the relation next and a URL.
func (m *member) isNextLink(link jsonpath.Span) bool {
	doc := m.page.Doc
	rel, target := "", ""
	doc.Members(link, func(name string, v jsonpath.Span) bool {
		text, err := m.scalarAt(v)
		switch plain(name) {
		case "rel", "relation":
			if err != nil && v.End-v.Start <= maxName { // a list of relations
				text = strings.Trim(string(v.Of(doc.Body)), `[]" `)
			}
			rel = text
		case "href", "url", "uri", "link":
			target = text
		}
		return true
	})
	return strings.EqualFold(rel, "next") && !isEmpty(target)
}

// scalar adds a string, a number or a bool.
func (m *member) scalar() {
	text, err := m.scalarAt(m.value)
	if err != nil || m.flag(text) {
		return
	}
	if isEmpty(text) {
		if m.same >= misspelled && m.sibling(m.names) {
			m.add(Candidate{Kind: Token, Sure: true, Empty: true})
		}
		return
	}
	isString := m.page.Doc.Body[m.value.Start] == '"'
	switch {
	case text == "true":
	case telling(m.word) && (strings.HasPrefix(m.word, "next") || !m.sent(text)), m.same >= misspelled && (isString || m.same == equal || m.sibling(m.names) && !m.sent(text)):
		m.addPointer("", text)
	case !isString || m.sent(text) || isDate(text):
	case m.trusted && (m.same == partly || possibleNames[m.word]):
		m.add(Candidate{Kind: Token})
	case isURL(text):
		m.url(text)
	case m.trusted && !explained(m.word) && !positions[m.word] && isOpaque(text):
		m.add(Candidate{Kind: Token})
	}
}

// addPointer adds a pointer with a telling name or with the expected one.
func (m *member) addPointer(at, text string) {
	if isDate(text) && !m.trusted {
		return // a filter, such as {"filter": {"after": "2026-01-31"}}
	}
	c := Candidate{Kind: Token, At: at, Sure: m.trusted && !isDate(text)}
	if isURL(text) {
		c.Kind = URL
		c.SamePath, _ = m.samePath(text)
		c.Sure = c.Sure || c.SamePath
	}
	m.add(c)
}

// flag adds a bool that says that there are more pages. It reports whether the member is a
// bool that says whether there are more pages.
func (m *member) flag(text string) bool {
	truth := strings.EqualFold(text, "true")
	if !truth && !strings.EqualFold(text, "false") {
		return false
	}
	more, last := moreNames[m.word], lastNames[m.word]
	switch {
	case more && truth, last && !truth:
		m.add(Candidate{Kind: Flag, Sure: m.trusted, done: last})
	case (more && m.word != "next" || last) && m.trusted:
		m.last = true
	case possibleMoreNames[m.word] && truth, possibleLastNames[m.word] && !truth:
		if m.trusted {
			m.add(Candidate{Kind: Flag, done: !truth})
		}
	default:
		return more && m.word != "next" || last
	}
	return true
}

// url adds a URL whose name does not say where it leads. The URL of the last page and a
// URI template (RFC 6570) are not the next page.
func (m *member) url(text string) {
	same, differs := m.samePath(text)
	if !same || !differs || strings.Contains(m.word, "last") || strings.ContainsAny(text, "{}") {
		return
	}
	m.add(Candidate{Kind: URL, SamePath: true, Sure: m.trusted && !selfNames[m.word]})
}
