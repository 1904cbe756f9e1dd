package fakeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// A CollectionOption configures a [Collection]:
//
//   - [ByToken], [ByPage], [ByOffset], [ByLink], [ByNextURL] and [ByKey] choose
//     the style of paging; a collection has at most one
//   - [PageSize], [SizedBy] and [MaxPageSize] set the page size
//   - [Since] and [Equal] add filters
//   - [Under], [Total] and [HasMore] shape the response
//   - [InBody] reads the parameters from the body of a POST request
type CollectionOption func(*collection)

// Collection serves rows at a path, in response to GET requests. The rows are a
// slice, or a [json.RawMessage] or []byte that contains a JSON array. The elements
// of a slice may have any type that encoding/json can marshal. A json.RawMessage is
// served unchanged. Each row is marshalled once, so modifying it later has no
// effect. To change the rows, use [API.Set].
//
// Without options, the response is a JSON array of all rows, in the given order.
//
// The path is a pattern of [http.ServeMux] without a method. It may contain
// wildcards, as in "/v1/orders/{id}/items". Then either use [Equal] to choose the
// rows that belong to a path, or pass a func(*http.Request) that returns a slice.
// The function is called for each request and may use the request's PathValue. It
// must be safe for concurrent use.
//
// Rows that cannot be marshalled, contradictory options, an invalid path and a
// duplicate path fail the test.
func Collection(path string, rows any, options ...CollectionOption) Option {
	return func(a *API) {
		c := &collection{at: path, size: 100}
		for _, option := range options {
			option(c)
		}
		c.check(rows)
		if len(c.errs) == 0 {
			if err := c.set(rows); err != nil {
				c.errs = append(c.errs, err)
			}
		}
		a.errs = append(a.errs, c.errs...)
		a.add(c)
	}
}

// Since adds a parameter that selects the rows whose field is greater than or equal
// to the parameter's value. It also sorts the rows by that field. Rows with equal
// values keep their order. The field may be inside objects, as in
// "meta.updated_at".
//
// If all values of the field are numbers, they are compared exactly, with all their
// digits. If all are RFC 3339 times, they are compared as instants. Otherwise, they
// are compared as text. The API rejects a parameter value of the wrong type with
// status 400.
//
// Rows without the field sort first and are omitted when the parameter is given.
func Since(parameter, field string) CollectionOption {
	return func(c *collection) {
		if c.since.parameter != "" {
			c.wrong("option Since occurs twice")
		}
		c.since = filter{parameter, field}
	}
}

// Equal selects the rows whose field equals a value of the request: that of the wildcard
// {name} in the path or, if the path has no such wildcard, that of the query parameter
// name. Without the parameter, a request selects all rows. Numbers are compared by value,
// everything else as text.
func Equal(name, field string) CollectionOption {
	return func(c *collection) { c.equal = append(c.equal, filter{name, field}) }
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

// A filter compares a field with a parameter or, for Equal, with a path value.
type filter struct{ parameter, field string }

type collection struct {
	at      string
	style   style
	size    int
	maxSize int
	posted  bool
	since   filter
	equal   []filter
	key     string // the field of ByKey

	// parameter selects the page, and sizedBy sets the page size.
	parameter, sizedBy string
	// under, next, total and more are the names of fields of the response. A name is
	// "" if the response lacks the field.
	under, next, total, more string

	errs   []error
	source atomic.Pointer[source]
}

// A source holds the rows or, if of is set, the function that returns the rows for a
// request.
type source struct {
	table *table
	of    func(*http.Request) (*table, error)
}

// A table holds the rows in the order in which they are served, and the fields that
// order or filter them.
type table struct {
	rows    []json.RawMessage
	columns map[string]column
}

func (c *collection) wrong(format string, args ...any) {
	c.errs = append(c.errs, c.wrap(fmt.Errorf(format, args...)))
}

func (c *collection) wrap(err error) error { return fmt.Errorf("collection %s: %w", c.at, err) }

func (c *collection) path() string { return c.at }

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

// wild reports whether the path has a wildcard of this name.
func (c *collection) wild(name string) bool {
	return strings.Contains(c.at, "{"+name+"}") || strings.Contains(c.at, "{"+name+"...}")
}

// fields returns the names of the response's fields, starting with the rows.
func (c *collection) fields() (fields []string) {
	for _, field := range []string{c.under, c.next, c.total, c.more} {
		if field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// check reports invalid and contradictory options.
func (c *collection) check(rows any) {
	c.checkPaging()
	c.checkPageSize()
	c.checkParameters()
	c.checkFields()
	c.checkWildcards(rows)
}

func (c *collection) checkPaging() {
	if c.style != whole && c.parameter == "" {
		c.wrong("the paging parameter has no name")
	}
	if (c.style == byToken || c.style == byNextURL) && c.next == "" {
		c.wrong("the field of the next page has no name")
	}
	if c.style == byKey && c.key == "" {
		c.wrong("the field of ByKey has no name")
	}
	if c.posted && (c.style == byLink || c.style == byNextURL) {
		c.wrong("a link cannot lead to the next page if parameters are in the body")
	}
}

func (c *collection) checkPageSize() {
	if c.style == whole && (c.size != 100 || c.sizedBy != "" || c.maxSize != 0) {
		c.wrong("there is a page size, but no option for paging")
	}
	if c.maxSize == 0 {
		c.maxSize = max(c.size, 1000)
	}
	if c.size > c.maxSize {
		c.wrong("the page size is %d, but the maximum is %d", c.size, c.maxSize)
	}
}

func (c *collection) checkParameters() {
	if (c.since.parameter == "") != (c.since.field == "") {
		c.wrong("option Since lacks the name of its parameter or of its field")
	}
	names := slices.Sorted(slices.Values(c.parameters()))
	for i, name := range names {
		if i > 0 && name == names[i-1] {
			c.wrong("two options use the parameter %s", name)
		}
	}
}

func (c *collection) checkFields() {
	if c.under == "" && len(c.fields()) > 0 {
		c.under = "data"
	}
	for i, field := range c.fields() {
		for _, other := range c.fields()[i+1:] {
			if field == other || strings.HasPrefix(field, other+".") || strings.HasPrefix(other, field+".") {
				c.wrong("the fields %s and %s of the response overlap", field, other)
			}
		}
	}
}

func (c *collection) checkWildcards(rows any) {
	used := slices.ContainsFunc(c.equal, func(f filter) bool { return c.wild(f.parameter) })
	wild := strings.Contains(strings.TrimSuffix(c.at, "{$}"), "{")
	if wild && !used && reflect.ValueOf(rows).Kind() != reflect.Func {
		c.wrong("every value of the path's wildcards leads to the same rows; use Equal to choose the rows of a path")
	}
}

// set replaces the rows or the function that returns them.
func (c *collection) set(rows any) error {
	if of := reflect.ValueOf(rows); of.Kind() == reflect.Func {
		t := of.Type()
		if of.IsNil() || t.NumIn() != 1 || t.In(0) != reflect.TypeFor[*http.Request]() || t.NumOut() != 1 {
			return c.wrap(fmt.Errorf("want a func(*http.Request) that returns a slice, not %T", rows))
		}
		c.source.Store(&source{of: func(r *http.Request) (*table, error) {
			return c.table(of.Call([]reflect.Value{reflect.ValueOf(r)})[0].Interface())
		}})
		return nil
	}
	t, err := c.table(rows)
	if err == nil {
		c.source.Store(&source{table: t})
	}
	return err
}

// table marshals and sorts rows.
func (c *collection) table(rows any) (*table, error) {
	all, err := marshalRows(rows)
	if err != nil {
		return nil, c.wrap(err)
	}
	t := &table{rows: all, columns: map[string]column{}}
	if field := c.order(); field != "" {
		by := columnOf(all, field)
		order := make([]int, len(all))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return by.compare(by.values[a], by.values[b]) })
		t.rows = make([]json.RawMessage, len(all))
		for i, row := range order {
			t.rows[i] = all[row]
		}
	}
	for _, f := range append([]filter{{field: c.key}, c.since}, c.equal...) {
		if f.field != "" {
			t.columns[f.field] = columnOf(t.rows, f.field)
		}
	}
	if key, ok := t.columns[c.key]; ok {
		err = unique(key, c.key)
	}
	if err != nil {
		return nil, c.wrap(err)
	}
	return t, nil
}

// unique returns an error if two rows share a key or a row has no key. A client that
// pages by key would miss such a row.
func unique(key column, field string) error {
	for i, v := range key.values {
		if v.sort == missing {
			return fmt.Errorf("a row has no %s, the field of ByKey", field)
		}
		if i > 0 && key.compare(key.values[i-1], v) == 0 {
			return fmt.Errorf("two rows have the same %s, the field of ByKey: %s", field, v.text)
		}
	}
	return nil
}

// filtered returns the indexes of the rows that pass the filters of a request.
func (c *collection) filtered(call *call, t *table) ([]int, error) {
	rows := make([]int, len(t.rows))
	for i := range rows {
		rows[i] = i
	}
	if given, ok := call.parameters[c.since.parameter]; ok && c.since.parameter != "" {
		by := t.columns[c.since.field]
		from, err := by.parse(given)
		if err != nil {
			return nil, reject(http.StatusBadRequest, "%s is %q: %v", c.since.parameter, given, err)
		}
		rows = slices.DeleteFunc(rows, func(row int) bool {
			return by.values[row].sort == missing || by.compare(by.values[row], from) < 0
		})
	}
	for _, f := range c.equal {
		want, ok := c.wanted(call, f)
		if ok {
			values := t.columns[f.field].values
			rows = slices.DeleteFunc(rows, func(row int) bool { return !values[row].is(want) })
		}
	}
	return rows, nil
}

// wanted returns the value that the field of an Equal must have. It reports false if
// the request does not restrict the field.
func (c *collection) wanted(call *call, f filter) (string, bool) {
	if c.wild(f.parameter) {
		return call.PathValue(f.parameter), true
	}
	want, ok := call.parameters[f.parameter]
	return want, ok
}

// identity returns a hash of the list that a client requests and of its filters.
func (c *collection) identity(call *call) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%q", []string{c.at, call.URL.Path})
	for _, f := range append([]filter{c.since}, c.equal...) {
		if given, ok := call.parameters[f.parameter]; ok {
			fmt.Fprintf(h, "%q", []string{f.parameter, given})
		}
	}
	return h.Sum64()
}

func (c *collection) respond(call *call) (response, error) {
	from, err := c.source.Load(), error(nil)
	t := from.table
	if from.of != nil {
		t, err = from.of(call.Request)
	}
	if err != nil {
		return response{}, err
	}
	rows, err := c.filtered(call, t)
	if err != nil {
		return response{}, err
	}
	p, err := c.pageOf(call, t, rows)
	if err != nil {
		return response{}, err
	}
	a := response{status: http.StatusOK, header: http.Header{}}
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
		a.header.Set("Link", links)
	}
	if more && c.style == byNextURL {
		next = call.link(next)
	}
	a.body = c.body(t, rows, p, next)
	return a, nil
}

// body returns the JSON of a page. The URL or token of the next page is next, or ""
// on the last page.
func (c *collection) body(t *table, rows []int, p page, next string) []byte {
	var list bytes.Buffer
	list.WriteByte('[')
	for i, row := range rows[p.from:p.to] {
		if i > 0 {
			list.WriteByte(',')
		}
		list.Write(t.rows[row])
	}
	list.WriteByte(']')
	if c.under == "" {
		return list.Bytes()
	}
	following := []byte("null")
	if next != "" {
		following, _ = marshal(next) // a string always marshals
	}
	return objectOf([]member{
		{c.under, list.Bytes()},
		{c.next, following},
		{c.total, strconv.AppendInt(nil, int64(len(rows)), 10)},
		{c.more, strconv.AppendBool(nil, p.to < len(rows))},
	})
}

// A member is a member of a JSON object. A name with dots is the path of a member
// within objects.
type member struct {
	name  string
	value []byte
}

// objectOf returns a JSON object. It omits members without a name.
func objectOf(members []member) []byte {
	b := []byte{'{'}
	done := map[string]bool{}
	for i, m := range members {
		first, _, nested := strings.Cut(m.name, ".")
		if m.name == "" || done[first] {
			continue
		}
		done[first] = true
		if len(b) > 1 {
			b = append(b, ',')
		}
		name, _ := marshal(first) // a string always marshals
		b = append(append(b, name...), ':')
		if !nested {
			b = append(b, m.value...)
			continue
		}
		var inner []member
		for _, m := range members[i:] {
			if rest, ok := strings.CutPrefix(m.name, first+"."); ok {
				inner = append(inner, member{rest, m.value})
			}
		}
		b = append(b, objectOf(inner)...)
	}
	return append(b, '}')
}
