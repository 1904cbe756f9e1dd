package fakeapi

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// A style is a way to get from one page to the next.
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

// cursor is the parameter of links to pages.
const cursor = "cursor"

// ByToken pages with tokens. Each page has a field, such as "next_page_token" or
// "meta.next", that holds the token of the next page, or null on the last page. The
// client sends the token in the parameter, together with the filters of the first
// request. An empty token requests the first page.
//
// Tokens are opaque. The API rejects a token that it did not issue, or that it
// issued for another list or other filters, with status 400.
func ByToken(parameter, field string) CollectionOption {
	return pagedBy(byToken, parameter, field)
}

// ByPage pages with page numbers, which start at 1. The parameter perPage sets the
// page size, as with [SizedBy]. If perPage is "", the client cannot change the page
// size.
//
// A page after the last one is empty. If a row is added or removed between two
// requests, the rows after it move, and a client misses some of them or reads some twice.
func ByPage(page, perPage string) CollectionOption {
	return func(c *collection) {
		pagedBy(byPage, page, "")(c)
		if perPage != "" {
			SizedBy(perPage)(c)
		}
	}
}

// ByOffset pages with the number of rows to skip. The parameter limit sets the page
// size, as with [SizedBy]. If limit is "", the client cannot change the page size.
// Pages after the last one are empty, and rows can move, as with [ByPage].
func ByOffset(offset, limit string) CollectionOption {
	return func(c *collection) {
		pagedBy(byOffset, offset, "")(c)
		if limit != "" {
			SizedBy(limit)(c)
		}
	}
}

// ByLink pages with links in the Link header (RFC 8288). Every page has a link with
// rel="first". Every page except the last one has a link with rel="next", which follows it.
func ByLink() CollectionOption { return pagedBy(byLink, cursor, "") }

// ByNextURL pages with links in the body. Each page has a field, such as "next" or
// "links.next", that holds the absolute URL of the next page, or null on the last
// page.
func ByNextURL(field string) CollectionOption { return pagedBy(byNextURL, cursor, field) }

// ByKey pages with a field, such as "id". The client sends the field's value in the
// last row that it has read, and gets the rows after that one. The field orders the
// rows, and its values must be distinct. [Since] then filters rows but does not
// order them.
func ByKey(parameter, field string) CollectionOption {
	return func(c *collection) {
		pagedBy(byKey, parameter, "")(c)
		c.key = field
	}
}

func pagedBy(s style, parameter, field string) CollectionOption {
	return func(c *collection) {
		if c.style != whole {
			c.wrong("there are two options for paging")
		}
		c.style, c.parameter, c.next = s, parameter, field
	}
}

// PageSize sets the number of rows on a page, unless the client requests another
// number. The default is 100.
func PageSize(rows int) CollectionOption {
	return func(c *collection) {
		if rows < 1 {
			c.wrong("the page size is %d: want at least 1", rows)
		}
		c.size = rows
	}
}

// SizedBy names the parameter with which a client requests a page size. By default,
// there is no such parameter, unless [ByPage] or [ByOffset] names it.
func SizedBy(parameter string) CollectionOption {
	return func(c *collection) {
		if c.sizedBy != "" {
			c.wrong("there are two parameters for the page size")
		}
		c.sizedBy = parameter
	}
}

// MaxPageSize sets the maximum page size that a client may request. The API rejects
// a larger one with status 400. The default is 1000, or the page size if that is
// larger.
func MaxPageSize(rows int) CollectionOption {
	return func(c *collection) {
		if rows < 1 {
			c.wrong("the maximum page size is %d: want at least 1", rows)
		}
		c.maxSize = rows
	}
}

// Total adds a field, such as "total", that holds the number of rows on all pages.
func Total(field string) CollectionOption { return func(c *collection) { c.total = field } }

// HasMore adds a field, such as "has_more", that reports whether rows follow after
// the page.
func HasMore(field string) CollectionOption { return func(c *collection) { c.more = field } }

// A page is the part of a list that a response contains.
type page struct {
	from, to int // indexes into the filtered rows
}

// pageOf returns the page that a client requests. The filtered rows are indexes
// into t.
func (c *collection) pageOf(call *call, t *table, rows []int) (page, error) {
	size := len(rows)
	if c.style != whole {
		n, err := call.count(c.sizedBy, c.size, 1)
		if err != nil {
			return page{}, err
		}
		if n > c.maxSize {
			return page{}, reject(http.StatusBadRequest, "%s is %s: want at most %d", c.sizedBy, call.parameters[c.sizedBy], c.maxSize)
		}
		size = n
	}
	from, err := c.start(call, t, rows, size)
	if err != nil {
		return page{}, err
	}
	from = min(from, len(rows))
	return page{from, from + min(size, len(rows)-from)}, nil
}

// start returns the index of the first row of the page, which may be after the last
// row.
func (c *collection) start(call *call, t *table, rows []int, size int) (int, error) {
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
			return 0, reject(http.StatusBadRequest, "%s is %q: %v", c.parameter, given, err)
		}
		return countRows(rows, func(row int) bool { return key.compare(key.values[row], after) <= 0 }), nil
	case byToken, byLink, byNextURL:
		if given == "" {
			return 0, nil
		}
		place, err := parseToken(given)
		if err == nil && place.list != c.identity(call) {
			err = errors.New("belongs to another list or to other filters")
		}
		if err != nil {
			return 0, reject(http.StatusBadRequest, "%s %v: %q", c.parameter, err, given)
		}
		return c.find(t, rows, place)
	}
	return 0, nil
}

// find returns the index of the first row of the page at a token.
func (c *collection) find(t *table, rows []int, place token) (int, error) {
	by, sorted := t.columns[c.order()]
	if !sorted || !place.ordered {
		return int(place.skip), nil
	}
	var last value
	if !place.missing {
		var err error
		if last, err = by.parse(place.value); err != nil { // Set has replaced the rows
			return 0, reject(http.StatusBadRequest, "%s is outdated: the values of %s now have another type", c.parameter, c.order())
		}
	}
	before := countRows(rows, func(row int) bool { return by.compare(by.values[row], last) < 0 })
	equal := countRows(rows[before:], func(row int) bool { return by.compare(by.values[row], last) == 0 })
	return before + min(int(place.skip), equal), nil
}

// place returns the token of the page that begins at an index.
func (c *collection) place(call *call, t *table, rows []int, at int) string {
	place := token{list: c.identity(call), skip: uint64(at)}
	if by, sorted := t.columns[c.order()]; sorted {
		last := by.values[rows[at-1]]
		place.ordered, place.missing, place.value = true, last.sort == missing, last.text
		for place.skip = 1; int(place.skip) < at && by.compare(by.values[rows[at-1-int(place.skip)]], last) == 0; {
			place.skip++ // equal rows are adjacent
		}
	}
	return place.String()
}

// countRows returns the number of rows for which f returns true.
func countRows(rows []int, f func(row int) bool) (n int) {
	for _, row := range rows {
		if f(row) {
			n++
		}
	}
	return n
}

// count returns a parameter that is a whole number of at least minimum, or the
// default if the parameter is absent. A number that overflows an int becomes the
// largest int, which is larger than any list.
func (c *call) count(name string, byDefault, minimum int) (int, error) {
	given, ok := c.parameters[name]
	if !ok || name == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(given)
	if errors.Is(err, strconv.ErrRange) && n > 0 {
		return n, nil // strconv returns the largest int
	}
	if err != nil || n < minimum {
		return 0, reject(http.StatusBadRequest, "%s is %q: want a whole number of at least %d", name, given, minimum)
	}
	return n, nil
}

// link returns the URL of the page at a cursor or, if the cursor is "", of the first
// page.
func (c *call) link(at string) string {
	query := url.Values{}
	for name, values := range c.query {
		query[name] = slices.Clone(values)
	}
	delete(query, cursor)
	if at != "" {
		query.Set(cursor, at)
	}
	return c.absolute(c.URL.Path, c.URL.RawPath, query.Encode())
}
