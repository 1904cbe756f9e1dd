package fakerest

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A paging is a way of cutting a list into pages.
type paging interface {
	// parameter is by which a client asks for a page.
	parameter() string
	// wraps reports whether a page says something beside its rows.
	wraps() bool
	page(*asked) (*page, error)
}

// asked is what a page is made for.
type asked struct {
	request *http.Request
	query   url.Values
	filter  string // what chose the rows
	rows    []row
	size    int
}

// A page is a part of the rows, and what is said beside them.
type page struct {
	from, to int
	fields   map[string]any
	header   map[string]string
}

// cut returns the page from a row on, and whether more rows follow.
func (a *asked) cut(from int) (p *page, more bool) {
	from = min(from, len(a.rows))
	to := min(from+a.size, len(a.rows))
	return &page{from: from, to: to, fields: map[string]any{}, header: map[string]string{}}, to < len(a.rows)
}

// next returns the request's address with another value of a parameter.
func (a *asked) next(parameter, value string) string {
	query := a.request.URL.Query()
	query.Set(parameter, value)
	return a.request.URL.Path + "?" + query.Encode()
}

// number reads a parameter that is a number, or 0 and more if it is missing.
func number(query url.Values, parameter string, least int) (int, error) {
	if !query.Has(parameter) {
		return least, nil
	}
	n, err := strconv.Atoi(query.Get(parameter))
	if err != nil || n < least {
		return 0, fmt.Errorf("%s is %q: want a number from %d on", parameter, query.Get(parameter), least)
	}
	return n, nil
}

// ByToken pages by a token: each page but the last one says the token of the next
// one in a field, such as "next_page_token" or "meta.next", which a client sends
// as a parameter. A token of another list, or of other filters, is refused.
func ByToken(parameter, field string) RowsOption {
	return func(l *list) { l.paging = byToken{parameter, field} }
}

type byToken struct{ name, field string }

func (b byToken) parameter() string { return b.name }
func (b byToken) wraps() bool       { return true }

func (b byToken) page(a *asked) (*page, error) {
	from := 0
	if token := a.query.Get(b.name); token != "" {
		var err error
		if from, err = readToken(token, a.filter); err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
	}
	p, more := a.cut(from)
	if more {
		p.fields[b.field] = newToken(p.to, a.filter)
	}
	return p, nil
}

// newToken returns a token for the rows from one on.
func newToken(from int, filter string) string {
	sum := sha256.Sum256([]byte(filter))
	return base64.RawURLEncoding.EncodeToString(append(sum[:6], strconv.Itoa(from)...))
}

func readToken(token, filter string) (from int, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(raw) > 6 {
		if from, err = strconv.Atoi(string(raw[6:])); err == nil && from >= 0 && newToken(from, filter) == token {
			return from, nil
		}
	}
	return 0, errors.New("it is no token of this list with these filters")
}

// ByPage pages by a page's number, from 1 on. A page after the last one is empty.
func ByPage(parameter string) RowsOption {
	return func(l *list) { l.paging = byPage{parameter} }
}

type byPage struct{ name string }

func (b byPage) parameter() string { return b.name }
func (b byPage) wraps() bool       { return false }

func (b byPage) page(a *asked) (*page, error) {
	n, err := number(a.query, b.name, 1)
	if err != nil {
		return nil, err
	}
	p, _ := a.cut(min(n-1, len(a.rows)) * a.size)
	return p, nil
}

// ByOffset pages by the number of rows to leave out.
func ByOffset(parameter string) RowsOption {
	return func(l *list) { l.paging = byOffset{parameter} }
}

type byOffset struct{ name string }

func (b byOffset) parameter() string { return b.name }
func (b byOffset) wraps() bool       { return false }

func (b byOffset) page(a *asked) (*page, error) {
	from, err := number(a.query, b.name, 0)
	if err != nil {
		return nil, err
	}
	p, _ := a.cut(from)
	return p, nil
}

// ByLink pages by a header Link with rel="next" (RFC 8288), whose address asks for
// the next page by a parameter.
func ByLink(parameter string) RowsOption {
	return func(l *list) { l.paging = byLink{byPage{parameter}} }
}

type byLink struct{ byPage }

func (b byLink) page(a *asked) (*page, error) {
	p, err := b.byPage.page(a)
	if err == nil && p.to < len(a.rows) {
		p.header["Link"] = "<" + a.next(b.name, strconv.Itoa(p.to/a.size+1)) + `>; rel="next"`
	}
	return p, err
}

// ByNextURL pages by a field with the address of the next page, such as
// "links.next", which asks for it by a parameter. On the last page it is null.
func ByNextURL(field, parameter string) RowsOption {
	return func(l *list) { l.paging = byNextURL{byPage{parameter}, field} }
}

type byNextURL struct {
	byPage
	field string
}

func (b byNextURL) wraps() bool { return true }

func (b byNextURL) page(a *asked) (*page, error) {
	p, err := b.byPage.page(a)
	if err != nil {
		return nil, err
	}
	p.fields[b.field] = nil
	if p.to < len(a.rows) {
		scheme := "http"
		if a.request.TLS != nil {
			scheme = "https"
		}
		p.fields[b.field] = scheme + "://" + a.request.Host + a.next(b.name, strconv.Itoa(p.to/a.size+1))
	}
	return p, nil
}

// ByKey pages by the last row's field, such as its id: a client asks for rows
// after a value, and rows are in the order of that field.
func ByKey(parameter, field string) RowsOption {
	return func(l *list) { l.paging = byKey{parameter, field} }
}

type byKey struct{ name, field string }

func (b byKey) parameter() string { return b.name }
func (b byKey) wraps() bool       { return false }

func (b byKey) page(a *asked) (*page, error) {
	slices.SortStableFunc(a.rows, func(x, y row) int { return compare(x.members[b.field], text(y.members[b.field])) })
	from := 0
	if after := a.query.Get(b.name); after != "" {
		for from < len(a.rows) && compare(a.rows[from].members[b.field], after) <= 0 {
			from++
		}
	}
	p, _ := a.cut(from)
	return p, nil
}
