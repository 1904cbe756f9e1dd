package nextpage

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/weblink"
)

const (
	maxDepth    = 5       // at which a member still counts as one of the page
	maxElements = 50      // of an array of links
	maxMembers  = 10_000  // that are looked at
	maxFound    = 100     // candidates
	maxName     = 200     // the length of the name of a member that may be a candidate
	maxPointer  = 1 << 20 // the length of a value that may be a candidate
)

// A Page is a response.
type Page struct {
	Doc       *jsonpath.Document // nil if there is no body
	RecordsAt string             // the path to the records, which are not searched
	Header    http.Header
	URL       *url.URL // with the query that was sent; nil if unknown
	Sent      []byte   // the JSON of the request's body, or empty
	Records   int      // the number of records, or 0 to ignore totals
}

// Find returns the candidates of a page, the best one first. The path at is the one at
// which the page has no pointer, or "" if there is no such path. Its cost is linear in
// the size of the page without its records.
func Find(p Page, at string) []Candidate {
	f := &finder{page: p}
	f.expect(at)
	if backwards(f.key) {
		return nil // the pages are read in another order, from the last one back
	}
	f.headers()
	if p.Doc != nil {
		if at, err := jsonpath.Parse(p.RecordsAt); err == nil {
			f.records = p.Doc.Way(at)
		}
		f.object(p.Doc.Root(), nil, true)
	}
	if f.last {
		// The response says that there are no more pages, but it may have a pointer
		// nevertheless.
		f.found = slices.DeleteFunc(f.found, func(c Candidate) bool { return c.Kind != Link && c.same < misspelled })
	}
	if f.single {
		f.found = slices.DeleteFunc(f.found, func(c Candidate) bool { return c.Kind == Total || c.Kind == HeaderTotal })
	}
	slices.SortStableFunc(f.found, func(a, b Candidate) int { return rank(a) - rank(b) })
	return f.found
}

// rank orders candidates.
func rank(c Candidate) int {
	r := 2*int(equal-c.same) + int(c.Kind)/int(Flag)
	if !c.Sure {
		r += 100
	}
	return r
}

// A finder collects the candidates of a page.
type finder struct {
	page    Page
	names   []string        // the steps of the expected path
	key     string          // the plain name of its last telling step
	records []jsonpath.Span // the values on the path to the records
	last    bool            // a member says that there are no more pages
	single  bool            // a member says that there is one page in all
	found   []Candidate
	members int        // that were looked at
	sentURL url.Values // the query of the page; see query
}

// query returns the parameters of the query that was sent.
func (f *finder) query() url.Values {
	if f.sentURL == nil {
		f.sentURL = query(f.page.URL)
	}
	return f.sentURL
}

// expect sets the path at which the pointer was expected.
func (f *finder) expect(at string) {
	p, err := jsonpath.Parse(at)
	if err != nil {
		return
	}
	for _, s := range p.Steps() {
		f.names = append(f.names, s.Name)
	}
	for i := len(f.names) - 1; i >= 0; i-- {
		f.key = plain(f.names[i])
		if _, index := p.Steps()[i].Element(); !index && !genericNames[f.key] {
			return
		}
	}
	if len(f.names) > 0 {
		f.key = plain(f.names[len(f.names)-1])
	}
}

// headers adds the pages that headers name.
func (f *finder) headers() {
	if _, ok := weblink.Next(f.page.Header); ok {
		f.found = append(f.found, Candidate{Kind: Link, At: "Link", Sure: true})
	}
	for name, values := range f.page.Header {
		if nextHeaders[plain(name)] && !isEmpty(values[0]) {
			f.found = append(f.found, Candidate{Kind: Header, At: name, Sure: true})
		}
		if word := strings.TrimPrefix(plain(name), "x"); says(word, values[0]) {
			f.found = append(f.found, Candidate{Kind: Header, At: name, Sure: true})
		}
		f.headerTotal(name, values[0])
		f.paginationHeader(name, values[0])
	}
}

// says reports whether a bool with a name says that there are more pages.
func says(name, value string) bool {
	return moreNames[name] && strings.EqualFold(value, "true") || lastNames[name] && strings.EqualFold(value, "false")
}

// paginationHeader adds what a header with a JSON object says. Sources that are written with
// ASP.NET send X-Pagination: {"TotalCount":500,"TotalPages":50,"HasNext":true}.
func (f *finder) paginationHeader(name, value string) {
	var members map[string]json.RawMessage
	if word := plain(name); word != "xpagination" && word != "pagination" || json.Unmarshal([]byte(value), &members) != nil {
		return
	}
	for member, text := range members {
		switch word := plain(member); {
		case says(word, string(text)):
			f.found = append(f.found, Candidate{Kind: Header, At: name, Sure: true})
			return
		case (moreNames[word] || lastNames[word]) && (text[0] == 't' || text[0] == 'f'):
			return // there are no more pages
		}
	}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		word := plain(member)
		if n, ok := number(string(members[member])); ok && (pageTotals[word] || recordTotals[word]) {
			f.addTotal(pageTotals[word], n, name, true)
		}
	}
}

// object adds the candidates among the members of an object. It trusts an object that
// usually holds pointers.
func (f *finder) object(at jsonpath.Span, names []string, trusted bool) {
	doc := f.page.Doc
	if doc.Body[at.Start] != '{' || len(names) > maxDepth {
		return
	}
	sized := f.page.Records > 0 && trusted && f.hasSize(at)
	doc.Members(at, func(name string, v jsonpath.Span) bool {
		if f.members++; f.members > maxMembers || len(f.found) > maxFound {
			return false
		}
		if len(name) > maxName {
			return true
		}
		word := plain(name)
		i := slices.Index(f.records, v)
		if elsewhere(word) || i >= 0 && i == len(f.records)-1 {
			return true
		}
		m := &member{finder: f, names: append(slices.Clip(names), name), word: word, value: v, trusted: trusted, sized: sized}
		m.same = f.compare(m)
		switch first := doc.Body[v.Start]; {
		case f.page.Records > 0 && m.total():
		case first == '{':
			if !m.pointerObject() {
				f.object(v, m.names, trusted && (i >= 0 || containers[word] || f.onPath(m.names)))
			}
		case first == '[':
			m.array()
		default:
			m.scalar()
		}
		return true
	})
}

var errTooLong = errors.New("too long to lead to another page")

// scalarAt returns the text of a string, a number, a bool or a null.
func (f *finder) scalarAt(v jsonpath.Span) (string, error) {
	if v.End-v.Start > maxPointer {
		return "", errTooLong
	}
	return jsonpath.Scalar(v.Of(f.page.Doc.Body))
}

// onPath reports whether the expected path begins with names.
func (f *finder) onPath(names []string) bool {
	return len(names) < len(f.names) && slices.Equal(names, f.names[:len(names)])
}

// sibling reports whether a member is in the object in which the pointer was expected.
func (f *finder) sibling(names []string) bool {
	n := len(names) - 1
	return n == len(f.names)-1 && slices.Equal(names[:n], f.names[:n])
}

// compare returns the similarity of a member to the expected one.
func (f *finder) compare(m *member) similarity {
	same := compare(m.word, f.key)
	if f.sibling(m.names) {
		same = max(same, compare(m.word, plain(f.names[len(f.names)-1])))
	}
	return same
}

// samePath reports whether a URL has the host and the path of the page. If it has, the
// second result reports whether its query requests a page other than this one.
func (f *finder) samePath(text string) (same, differs bool) {
	base := f.page.URL
	ref, err := url.Parse(text)
	if err != nil || base == nil {
		return false, false
	}
	u := base.ResolveReference(ref)
	if !strings.EqualFold(u.Host, base.Host) || !strings.HasSuffix(base.Path, strings.TrimSuffix(u.Path, "/")) || u.Path == "/" && base.Path != "/" {
		return false, false
	}
	sent := f.query()
	for name, values := range u.Query() {
		if !pageParams[plain(name)] {
			continue
		}
		value := values[0]
		if sent.Has(name) && value != sent.Get(name) || !sent.Has(name) && value != "" && value != "0" && value != "1" {
			return true, true
		}
	}
	return true, false
}

// sent reports whether the request has a parameter with this value, so that a member
// may repeat it.
func (f *finder) sent(text string) bool {
	if quoted, err := jsontext.AppendQuote(nil, text); err == nil && bytes.Contains(f.page.Sent, quoted) {
		return true
	}
	if f.page.URL == nil {
		return false
	}
	for _, values := range f.query() {
		if slices.Contains(values, text) {
			return true
		}
	}
	return false
}
