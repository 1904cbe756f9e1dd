package fakeapi

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
)

// A CollectionOption configures a [Collection]:
//
//   - [ByToken], [ByPage], [ByOffset], [ByLink], [ByNextURL] and [ByKey] choose
//     the style of paging; a collection has at most one
//   - [PageSize], [SizedBy] and [MaxPageSize] set the page size
//   - [Since] and [Equal] add filters
//   - [Under], [Total] and [HasMore] shape the response
//   - [AsCSV], [AsNDJSON] and [GzipFile] choose the format
//   - [InBody] reads the parameters from the body of a POST request
//
// It also configures an [Export] and a [Connection], which accept some of these
// options.
type CollectionOption func(*collection)

// Collection serves rows at a path, in response to GET requests. The rows are a
// slice, or a [json.RawMessage] or []byte that contains a JSON array. The elements
// of a slice may have any type that encoding/json can marshal. A json.RawMessage is
// served unchanged. Each row is marshaled once, so modifying it later has no
// effect. To change the rows, use [API.Set].
//
// Without options, the response is a JSON array of all rows, in the given order.
//
// Responses have a strong ETag, and a Last-Modified date unless a function returns
// the rows. They obey the conditional headers If-None-Match and If-Modified-Since with
// status 304. See the package documentation.
//
// The path is a pattern of [http.ServeMux] without a method. It may contain
// wildcards, as in "/v1/orders/{id}/items". Then either use [Equal] to choose the
// rows that belong to a path, or pass a func(*http.Request) that returns a slice.
// The function is called for each request and may use the request's PathValue. It
// must be safe for concurrent use.
//
// Rows that cannot be marshaled, contradictory options, an invalid path and a
// duplicate path fail the test.
func Collection(path string, rows any, options ...CollectionOption) Option {
	return func(a *API) {
		c := &collection{at: path, what: "collection", size: defaultPageSize}
		for _, option := range options {
			option(c)
		}
		c.check(rows)
		if len(c.errs) == 0 {
			if err := c.set(path, rows); err != nil {
				c.errs = append(c.errs, err)
			}
		}
		a.errs = append(a.errs, c.errs...)
		a.add(c)
	}
}

// Under puts the rows into a field of an object, such as "data" or "result.items".
// By default, the response is a JSON array, or an object with the rows in "data" if
// other options add fields to the response.
func Under(field string) CollectionOption { return func(c *collection) { c.under = field } }

// InBody makes the collection accept POST requests instead of GET requests. Their
// body is a JSON object that holds the parameters. The value of a parameter is a
// string, a number or a bool. A null is ignored. The parameter "page.size" is the
// member size of the object page.
func InBody() CollectionOption { return func(c *collection) { c.posted = true } }

// defaultPageSize is the page size without option PageSize.
const defaultPageSize = 100

type collection struct {
	at      string
	what    string // what error messages call it
	style   style
	size    int
	maxSize int
	posted  bool
	since   filter
	equal   []filter
	key     string // the field of ByKey
	format  format

	// parameter selects the page, and sizedBy sets the page size.
	parameter, sizedBy string
	// under, next, total and more are the names of fields of the response. A name is
	// "" if the response lacks the field.
	under, next, total, more string

	errs   []error
	mu     sync.Mutex // held by set
	source atomic.Pointer[source]
}

func (c *collection) wrong(format string, args ...any) {
	c.errs = append(c.errs, c.wrap(fmt.Errorf(format, args...)))
}

func (c *collection) wrap(err error) error { return fmt.Errorf("%s %s: %w", c.what, c.at, err) }

func (c *collection) path() string { return c.at }

func (c *collection) setPaths() []string { return []string{c.at} }

func (c *collection) methods() []string {
	if c.posted {
		return []string{http.MethodPost}
	}
	return []string{http.MethodGet, http.MethodHead}
}

// order returns the field that orders the rows, or "".
func (c *collection) order() string {
	if c.key != "" {
		return c.key
	}
	return c.since.field
}

// parameters returns the names of the parameters that a client may use.
func (c *collection) parameters() (names []string) {
	all := []string{c.parameter, c.sizedBy, c.since.parameter}
	for _, f := range c.equal {
		if !c.wild(f.parameter) {
			all = append(all, f.parameter)
		}
	}
	for _, name := range all {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// list reads the parameters of a request and returns the table, and the indexes of the
// rows that pass the filters.
func (c *collection) list(call *call, from *source) (*table, []int, error) {
	if err := call.read(c.parameters()); err != nil {
		return nil, nil, err
	}
	t, err := from.rows(call.Request)
	if err != nil {
		return nil, nil, err
	}
	rows, err := c.filtered(call, t)
	return t, rows, err
}

func (c *collection) respond(call *call) (response, error) {
	from := c.source.Load()
	t, rows, err := c.list(call, from)
	if err != nil {
		return response{}, err
	}
	p, err := c.pageOf(call, t, rows)
	if err != nil {
		return response{}, err
	}
	r := response{status: http.StatusOK, validated: true, modified: from.modified()}
	more := p.to < len(rows)
	next := ""
	if more && (c.style == byToken || c.style == byLink || c.style == byNextURL) {
		next = c.place(call, t, rows, p.to)
	}
	if c.style == byLink {
		links := "<" + call.link("") + `>; rel="first"`
		if more {
			links += ", <" + call.link(next) + `>; rel="next"`
		}
		r.set("Link", links)
	}
	if more && c.style == byNextURL {
		next = call.link(next)
	}
	r.body = c.body(t, rows, p, next)
	c.format.apply(&r)
	return r, nil
}

// body returns the content of a page. The URL or token of the next page is next, or ""
// on the last page.
func (c *collection) body(t *table, rows []int, p page, next string) []byte {
	list := c.format.encode(t, rows[p.from:p.to])
	if c.under == "" {
		return list
	}
	following := []byte("null")
	if next != "" {
		following, _ = marshal(next) // a string always marshals
	}
	return objectOf([]member{
		{c.under, list},
		{c.next, following},
		{c.total, strconv.AppendInt(nil, int64(len(rows)), 10)},
		{c.more, strconv.AppendBool(nil, p.to < len(rows))},
	})
}
