package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"net/url"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/loss"
	"github.com/penstock-sdk/penstock/transport/internal/pagedocument"
	"github.com/penstock-sdk/penstock/transport/internal/status"
)

// A Page is one response in a sequence of pages. A [Paging] uses it to decide which
// page comes next. Its methods are safe for concurrent use.
type Page struct {
	// Request is the request for this page.
	Request Request
	// Number counts the pages, from 1.
	Number int
	// Status and Header are those of the response. A page with status 304 has not been
	// modified (see [Request].Validators). It has no records and no body.
	Status int
	Header http.Header
	// URL is the URL of the response, after redirects. It contains everything that
	// was sent, including credentials in the query. Do not print it.
	URL *url.URL
	// Carry is a value that the Paging passes from page to page: a value that Next stores
	// in it is in Carry of the following page. It is nil in the first page.
	Carry any

	client   *Client
	fail     func(error) error
	check    func(plan *loss.Plan, record []byte) // reports what is lost
	warn     func(k pointer, message string)      // warns of a next page that may be lost
	doc      *jsonpath.Document                   // nil if the response has no body
	records  []jsonpath.Span
	sum      uint64 // of the records
	repeated bool
	most     int // the largest number of records of an earlier page

	ignored    bool       // a rule ignores the response
	unmodified *validator // of a page that has not been modified
	receipt    *receipt   // what to store once the records have been consumed
	series     *series    // of the sequence, or nil
}

func init() {
	pagedocument.Of = func(page any) *jsonpath.Document { return page.(*Page).doc }
	pagedocument.Warn = func(page any, message string) { page.(*Page).warnOnce("", message) }
}

// Format prints the number, the status and the URL of the page without its query, for
// every verb of package fmt.
func (p Page) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.text()) }

// LogValue implements [slog.LogValuer]. It returns what Format prints.
func (p Page) LogValue() slog.Value { return slog.StringValue(p.text()) }

func (p Page) text() string {
	return fmt.Sprintf("transport.Page(%d, %s, %s)", p.Number, status.Text(p.Status), withoutQuery(p.URL))
}

// newPage scans a response and finds its records, unless records is nil.
func newPage(resp *Response, records *jsonpath.Path) (*Page, error) {
	p := &Page{Status: resp.Status, Header: resp.Header, URL: resp.URL, ignored: resp.ignored}
	if resp.hasNoContent() {
		return p, nil
	}
	doc, err := readDocument(resp, records)
	if err != nil {
		return nil, err
	}
	p.doc = doc
	doc.MaxRecords = int(min(max(resp.maxBody()/bytesPerRecord, minRecords), math.MaxInt))
	if records == nil {
		return p, nil
	}
	if p.records, err = doc.Records(*records); err != nil {
		return nil, err
	}
	p.sum = p.sumRecords()
	return p, nil
}

const (
	// bytesPerRecord is the size of a body per record that it may have, since a record
	// takes memory even if its text is short.
	bytesPerRecord = 24
	// minRecords is the number of records that a body may have with any limit.
	minRecords = 1 << 16
)

// readDocument scans the body of a response, whose records are at a path unless it is nil.
func readDocument(resp *Response, records *jsonpath.Path) (*jsonpath.Document, error) {
	if kind := bodytext.Compression(resp.Body); kind != "" {
		return nil, final(fmt.Errorf("%w but %s: %s", ErrNotJSON, bodytext.DescribeBinary(kind), fixCompressed(kind)))
	}
	body, err := resp.utf8Body()
	if err != nil {
		return nil, err
	}
	if resp.empty && len(body) == 0 {
		// It is not truncated: the headers say that it has no bytes.
		return nil, fmt.Errorf("%w: it is empty", ErrNotJSON)
	}
	if err := refuseMarkup(resp.Header, body); err != nil {
		return nil, err
	}
	return jsonpath.NewRecordsDocument(body, records)
}

// Len returns the number of records of the page.
func (p *Page) Len() int { return len(p.records) }

// MostRecords returns the largest number of records that an earlier page of the
// sequence had.
func (p *Page) MostRecords() int { return p.most }

// Record returns the ith record of the page, counted from 0, or nil if there is none.
// The bytes must not be changed.
func (p *Page) Record(i int) json.RawMessage {
	if i < 0 || i >= len(p.records) {
		return nil
	}
	return json.RawMessage(p.records[i].Of(p.doc.Body))
}

// Repeated reports whether the page has records, and the same ones as the previous page, in
// any order. Other members of the response do not matter. [MaxStalled] describes when such
// pages end the sequence.
func (p *Page) Repeated() bool { return p.repeated }

// deliver calls yield, which consumes the records of the page, and stores the page's
// validator if yield returns true.
func (p *Page) deliver(ctx context.Context, yield func(*Page) bool) (more bool, err error) {
	s, r, unmodified, fail := p.series, p.receipt, p.unmodified, p.fail // the caller may change the page
	if p.doc != nil {
		err = s.begin()
	}
	if err == nil {
		err = r.begin()
	}
	if err != nil {
		return false, fail(err)
	}
	if !yield(p) {
		return false, nil
	}
	if s != nil && unmodified != nil {
		err = s.confirm(ctx, *unmodified)
	} else {
		err = r.delivered(ctx)
	}
	if err != nil {
		return false, fail(err)
	}
	return true, nil
}

// Find returns the JSON value at a path in the body of the page, and reports whether
// there is one. A null is a value. The bytes must not be changed. A path that is not
// valid is an error.
func (p *Page) Find(at string) (json.RawMessage, bool, error) {
	if p.doc == nil {
		return nil, false, nil
	}
	path, err := jsonpath.Parse(at)
	if err != nil {
		return nil, false, err
	}
	v, ok, err := p.doc.Find(path)
	if err != nil || !ok {
		return nil, false, err
	}
	if p.Number == 1 && p.client != nil && at != "" {
		p.client.pointers.find(pointerKey(p, at))
	}
	return json.RawMessage(v.Of(p.doc.Body)), true, nil
}

// Text returns the value at a path in the body of the page as text: the characters of a
// string, the digits of a number, true or false. It returns "" if the value is null or
// absent. An array or an object is an error.
func (p *Page) Text(at string) (string, error) {
	raw, ok, err := p.Find(at)
	if err != nil || !ok {
		return "", err
	}
	text, err := jsonpath.Scalar(raw)
	if err != nil {
		return "", fmt.Errorf("%s: %w", at, err)
	}
	return text, nil
}

// Follow returns the request for a URL in a response, absolute or relative to this page.
// The query of the URL is sent as it is. The method, headers and body are those of the
// request for this page. Characters that a URL must not have, such as spaces, are escaped.
// If the URL is one of the source's own with the scheme http, but the base URL has https,
// it is requested with https. If its host is not one of the source's own, the request fails
// with [ErrForeignHost].
func (p *Page) Follow(nextURL string) (Request, error) {
	if p.client == nil {
		return Request{}, errors.New("the page does not come from a client")
	}
	u, err := p.client.reference(p.URL, nextURL)
	if err != nil {
		return Request{}, fmt.Errorf("the next page: %w", err)
	}
	if p.Number == 1 {
		p.client.pointers.find(pointerKey(p, ""))
	}
	return p.Request.at(u), nil
}

// fixCompressed says how to read a compressed file. A response with a Content-Encoding
// has been decompressed.
func fixCompressed(kind string) string {
	switch kind {
	case "gzip":
		return "read it with Stream and format.Gzip"
	case "zip":
		return "read it with Stream and format.Zip"
	}
	return "this package does not read it"
}

// refuseMarkup returns an error if a body is a web page. A wrong base URL, a login page
// or a proxy leads to one, and an error about an unexpected "<" would not say so.
func refuseMarkup(h http.Header, body []byte) error {
	i := jsonpath.SkipSpace(body, 0)
	if i == len(body) || body[i] == '{' || body[i] == '[' {
		return nil
	}
	header := h.Get("Content-Type")
	if body[i] == '<' {
		return fmt.Errorf("%w but markup (%s)", ErrNotJSON, bodytext.DescribeContentType(header))
	}
	if typ, _, _ := mime.ParseMediaType(header); typ == "text/html" || typ == "text/xml" || typ == "application/xml" {
		return fmt.Errorf("%w but %s", ErrNotJSON, typ)
	}
	return nil
}
