package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Page is one answer in a sequence of pages: what a [Paging] looks at to say
// which page comes next.
type Page struct {
	// Request is what was asked for this page.
	Request Request
	// Number counts the pages, from 1.
	Number int
	// Status and Header are those of the response.
	Status int
	Header http.Header
	// URL is where the page came from, after redirects. It holds everything
	// that was sent, credentials in the query included: don't print it.
	URL *url.URL

	client   *Client
	fail     func(error) error
	doc      *document // nil where the answer has no body
	records  []span
	sum      uint64
	repeated bool
	largest  int // the most records of a page before this one
}

var bodySeed = maphash.MakeSeed()

// newPage looks through an answer and finds its records.
func newPage(resp *Response, records path) (*Page, error) {
	p := &Page{Status: resp.Status, Header: resp.Header, URL: resp.URL}
	if resp.ignored || resp.Status == http.StatusNoContent || resp.Status == http.StatusResetContent {
		return p, nil
	}
	doc, err := readDocument(resp)
	if err != nil {
		return nil, err
	}
	p.doc = doc
	if records.none {
		return p, nil
	}
	if p.records, err = doc.records(records); err != nil {
		return nil, err
	}
	if len(p.records) > 0 {
		p.sum = maphash.Bytes(bodySeed, doc.body)
	}
	return p, nil
}

// readDocument looks through the body of an answer.
func readDocument(resp *Response) (*document, error) {
	body := plainJSON(resp.Body)
	if resp.empty && len(body) == 0 {
		// Not cut: the source itself says that there is nothing.
		return nil, fmt.Errorf("%w: it is empty", ErrNotJSON)
	}
	if err := refuseMarkup(resp.Header, body); err != nil {
		return nil, err
	}
	return newDocument(body)
}

// Len returns how many records the page has.
func (p *Page) Len() int { return len(p.records) }

// Record returns the page's ith record, counted from 0, or nil where there is
// none. The bytes must not be changed.
func (p *Page) Record(i int) json.RawMessage {
	if i < 0 || i >= len(p.records) {
		return nil
	}
	return json.RawMessage(p.records[i].of(p.doc.body))
}

// Repeated reports whether the page is, byte for byte and with at least one
// record, the same as the page before it. A source that doesn't know the
// parameter that should turn the page answers like that for ever.
func (p *Page) Repeated() bool { return p.repeated }

// Find returns the JSON value at a path in the page's body, and whether there
// is one; null is one. The bytes must not be changed.
func (p *Page) Find(at string) (json.RawMessage, bool, error) {
	if p.doc == nil {
		return nil, false, nil
	}
	parsed, err := parsePath(at)
	if err != nil {
		return nil, false, err
	}
	v, ok, err := p.doc.find(parsed)
	if err != nil || !ok {
		return nil, false, err
	}
	return json.RawMessage(v.of(p.doc.body)), true, nil
}

// Text returns the value at a path as text: a string's characters, a number's
// digits, true or false. It is "" where the value is null or absent, and an
// error where it is an array or an object.
func (p *Page) Text(at string) (string, error) {
	raw, ok, err := p.Find(at)
	if err != nil || !ok {
		return "", err
	}
	text, err := scalar(raw)
	if err != nil {
		return "", fmt.Errorf("%s: %w", at, err)
	}
	return text, nil
}

// scalar returns a JSON value as text, "" for null.
func scalar(raw []byte) (string, error) {
	switch v := jsontext.Value(raw); v.Kind() {
	case 'n':
		return "", nil
	case '"':
		text, err := jsontext.AppendUnquote(nil, raw)
		return string(text), err
	case '0', 't', 'f':
		if !v.IsValid() {
			return "", fmt.Errorf("%w: %.20q", ErrNotJSON, raw)
		}
		return string(raw), nil
	}
	return "", fmt.Errorf("an array or an object instead of a single value")
}

// records finds the records at a path: the elements of the array there, or the
// values themselves where the path has a * in it.
func (d *document) records(p path) ([]span, error) {
	if p.many() {
		values, depth, err := d.all(p)
		if err == nil && depth < len(p.steps) {
			err = d.missing(p)
		}
		return values, err
	}
	at, ok, err := d.find(p)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, d.missing(p)
	}
	switch d.body[at.start] {
	case '[':
		var values []span
		err := elements(d.body, at.start, func(v span) bool {
			if values == nil {
				// Records resemble each other: the first tells how many there
				// may be, within reason.
				values = make([]span, 0, min((at.end-at.start)/(v.end-v.start+1)+1, 1<<14))
			}
			values = append(values, v)
			return true
		})
		return values, err
	case 'n':
		return nil, nil
	}
	return nil, fmt.Errorf("%w %s: there is %s, not an array", ErrNoRecords, p.name(), d.describe(at))
}

// missing says what there is instead of the records.
func (d *document) missing(p path) error {
	// Go as far along the path as it leads.
	at, steps := d.root, 0
	for n := 1; n <= len(p.steps); n++ {
		v, ok, err := d.find(path{steps: p.steps[:n], pointer: p.pointer})
		if err != nil || !ok {
			break
		}
		at, steps = v, n
	}
	where := "the body"
	if steps > 0 {
		where = strings.Join(p.steps[:steps], ".")
	}
	return fmt.Errorf("%w %s: %s is %s", ErrNoRecords, p.name(), where, d.describe(at))
}

func (p path) name() string {
	if p.text == "" {
		return `"" (the body itself)`
	}
	return fmt.Sprintf("%q", p.text)
}

// plainJSON returns a body as the UTF-8 that JSON must be (RFC 8259 §8.1):
// without a byte order mark, and with the replacement character for each
// broken one, so that one bad character doesn't end a sync.
func plainJSON(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	return body
}

// refuseMarkup recognises a web page, which a wrong base URL, a login or a
// proxy gives: better said in words than as a stray "<".
func refuseMarkup(h http.Header, body []byte) error {
	i := skipSpace(body, 0)
	if i == len(body) || body[i] == '{' || body[i] == '[' {
		return nil
	}
	typ, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		typ = "text without a content type"
	}
	if body[i] == '<' {
		return fmt.Errorf("%w but markup (%s)", ErrNotJSON, typ)
	}
	if typ == "text/html" || typ == "text/xml" || typ == "application/xml" {
		return fmt.Errorf("%w but %s", ErrNotJSON, typ)
	}
	return nil
}
