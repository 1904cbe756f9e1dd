package fakeapi

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A style is how a client gets from one page to the next.
type style int

const (
	whole style = iota
	byToken
	byPage
	byOffset
	byLink
	byNextURL
	byKey
)

// cursor is the parameter of the links that an API makes itself.
const cursor = "cursor"

// ByToken pages by tokens. Each page has the token of the next one in a field,
// such as "next_page_token" or "meta.next", which is null on the last page; a
// client sends it as a parameter, with the same filters as before. An empty
// token is none. Tokens are opaque; one that the API did not give, or gave for
// another list or other filters, is refused with status 400.
func ByToken(parameter, field string) CollectionOption {
	return pagedBy(byToken, parameter, field)
}

// ByPage pages by numbers of pages, from 1 on, with the page size as another
// parameter, "" for none. A page after the last one is empty. A row that comes
// or goes meanwhile moves those after it, so that some are missed or read twice.
func ByPage(page, perPage string) CollectionOption {
	return func(c *collection) {
		pagedBy(byPage, page, "")(c)
		if perPage != "" {
			SizedBy(perPage)(c)
		}
	}
}

// ByOffset pages by the number of rows to leave out, with the page size as
// another parameter, "" for none. What [ByPage] says of other pages holds here,
// too.
func ByOffset(offset, limit string) CollectionOption {
	return func(c *collection) {
		pagedBy(byOffset, offset, "")(c)
		if limit != "" {
			SizedBy(limit)(c)
		}
	}
}

// ByLink pages by links in the header Link (RFC 8288), with rel="next" on all
// pages but the last one. There is rel="first", too, and before it.
func ByLink() CollectionOption { return pagedBy(byLink, cursor, "") }

// ByNextURL pages by links in a field, such as "next" or "links.next", which is
// null on the last page. They are absolute.
func ByNextURL(field string) CollectionOption { return pagedBy(byNextURL, cursor, field) }

// ByKey pages by a field such as "id": a client asks for the rows after a value,
// which is that of the last row that it has. Rows are in the order of the field,
// by which no two may be equal, and [Since] only filters.
func ByKey(parameter, field string) CollectionOption {
	return func(c *collection) {
		pagedBy(byKey, parameter, "")(c)
		c.key = field
	}
}

func pagedBy(s style, parameter, field string) CollectionOption {
	return func(c *collection) {
		if c.style != whole {
			c.wrong("there are two ways of paging")
		}
		c.style, c.parameter, c.next = s, parameter, field
	}
}

// PageSize sets how many rows a page has, unless a client asks for another
// number. The default is 100.
func PageSize(rows int) CollectionOption {
	return func(c *collection) {
		if rows < 1 {
			c.wrong("the page size is %d: want one or more", rows)
		}
		c.size = rows
	}
}

// SizedBy names the parameter by which a client asks for another page size. The
// default is none, or what [ByPage] and [ByOffset] say.
func SizedBy(parameter string) CollectionOption {
	return func(c *collection) {
		if c.sizedBy != "" {
			c.wrong("there are two parameters for the page size")
		}
		c.sizedBy = parameter
	}
}

// MaxPageSize sets how many rows a client may ask for. More is answered with
// status 400. The default is 1000, or the page size if that is more.
func MaxPageSize(rows int) CollectionOption {
	return func(c *collection) {
		if rows < 1 {
			c.wrong("the maximum of the page size is %d: want one or more", rows)
		}
		c.maxSize = rows
	}
}

// Total puts the number of rows on all pages into a field, such as "total".
func Total(field string) CollectionOption { return func(c *collection) { c.total = field } }

// HasMore puts into a field, such as "has_more", whether there are more rows
// after the page.
func HasMore(field string) CollectionOption { return func(c *collection) { c.more = field } }

// A page is what a client gets of a list.
type page struct {
	from, to int // of the rows that pass the filters
}

// pageOf returns the page that a client asks for, of the rows in t that pass the
// filters.
func (c *collection) pageOf(call *call, t *table, rows []int) (page, error) {
	size := len(rows)
	if c.style != whole {
		n, err := call.count(c.sizedBy, c.size, 1)
		if err != nil {
			return page{}, err
		}
		if n > c.maxSize {
			return page{}, refuse(http.StatusBadRequest, "%s is %s: want %d at most", c.sizedBy, call.parameters[c.sizedBy], c.maxSize)
		}
		size = n
	}
	from, err := c.begin(call, t, rows, size)
	if err != nil {
		return page{}, err
	}
	from = min(from, len(rows))
	return page{from, from + min(size, len(rows)-from)}, nil
}

// begin returns where the page begins, which may be after the last row.
func (c *collection) begin(call *call, t *table, rows []int, size int) (int, error) {
	given, ok := call.parameters[c.parameter]
	switch c.style {
	case byPage:
		n, err := call.count(c.parameter, 1, 1)
		if n-1 > math.MaxInt32 {
			return math.MaxInt32, err
		}
		return (n - 1) * size, err
	case byOffset:
		return call.count(c.parameter, 0, 0)
	case byKey:
		if !ok {
			return 0, nil
		}
		key := t.columns[c.key]
		after, err := key.parse(given)
		if err != nil {
			return 0, refuse(http.StatusBadRequest, "%s %v", c.parameter, err)
		}
		return count(rows, func(row int) bool { return key.compare(key.values[row], after) <= 0 }), nil
	case byToken, byLink, byNextURL:
		if given == "" {
			return 0, nil
		}
		place, err := parseToken(given)
		if err == nil && place.list != c.identity(call) {
			err = errors.New("is one of another list, or of other filters")
		}
		if err != nil {
			return 0, refuse(http.StatusBadRequest, "%s %v: %q", c.parameter, err, given)
		}
		return c.find(t, rows, place)
	}
	return 0, nil
}

// find returns where the page of a token begins.
func (c *collection) find(t *table, rows []int, place token) (int, error) {
	by, sorted := t.columns[c.order()]
	if !sorted || !place.ordered {
		return int(place.skip), nil
	}
	var last value
	if !place.missing {
		var err error
		if last, err = by.parse(place.value); err != nil { // the rows have been set to ones of another kind
			return 0, refuse(http.StatusBadRequest, "%s is too old: %s has become something else", c.parameter, c.order())
		}
	}
	before := count(rows, func(row int) bool { return by.compare(by.values[row], last) < 0 })
	equal := count(rows[before:], func(row int) bool { return by.compare(by.values[row], last) == 0 })
	return before + min(int(place.skip), equal), nil
}

// place returns the token of the page that begins at a row.
func (c *collection) place(call *call, t *table, rows []int, at int) string {
	place := token{list: c.identity(call), skip: uint64(at)}
	if by, sorted := t.columns[c.order()]; sorted {
		last := by.values[rows[at-1]]
		place.ordered, place.missing, place.value = true, last.sort == missing, last.text
		place.skip = uint64(count(rows[:at], func(row int) bool { return by.compare(by.values[row], last) == 0 }))
	}
	return place.String()
}

func count(rows []int, which func(row int) bool) (n int) {
	for _, row := range rows {
		if which(row) {
			n++
		}
	}
	return n
}

// count returns a parameter that is a number from least on. One that is too
// large for any list is just large.
func (c *call) count(name string, otherwise, least int) (int, error) {
	given, ok := c.parameters[name]
	if !ok || name == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(given)
	if errors.Is(err, strconv.ErrRange) && n > 0 {
		return n, nil // the largest
	}
	if err != nil || n < least {
		return 0, refuse(http.StatusBadRequest, "%s is no whole number from %d on: %q", name, least, given)
	}
	return n, nil
}

// link returns the address of this list's page at a cursor, or of the first one.
func (c *call) link(at string) string {
	query := url.Values{}
	for name, values := range c.query {
		query[name] = slices.Clone(values)
	}
	delete(query, cursor)
	if at != "" {
		query.Set(cursor, at)
	}
	u := url.URL{Scheme: "http", Host: c.Host, Path: c.URL.Path, RawPath: c.URL.RawPath, RawQuery: query.Encode()}
	if c.TLS != nil || c.URL.Scheme == "https" { // a request in memory may still have all of its address
		u.Scheme = "https"
	}
	if u.Host == "" {
		u.Host = c.URL.Host
	}
	if u.Host == "" {
		u.Scheme = ""
	}
	return u.String()
}
