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

// A CollectionOption says how a [Collection] is asked for and answered: by a way
// of paging, of which there is one at most ([ByToken], [ByPage], [ByOffset],
// [ByLink], [ByNextURL], [ByKey]), with [PageSize], [SizedBy] and [MaxPageSize];
// by filters, [Since] and [Equal]; by the form of the answer, [Under], [Total]
// and [HasMore]; and [InBody].
type CollectionOption func(*collection)

// Collection answers GET requests for a path with rows. They are a slice of
// anything that has a JSON form, a [json.RawMessage] being served as it is, or a
// json.RawMessage or []byte that is a JSON array. Each row is marshalled once,
// and changing it later has no effect; see [API.Set].
//
// Without options the answer is a JSON array of all rows, in their order. Rows
// without a JSON form, options that contradict each other, and a path that is
// taken fail the test. So does a path that [http.ServeMux] has no use for;
// wildcards are as there, such as "/v1/orders/{id}/items". Then [Equal] says
// which rows are whose, or the rows are a func(*http.Request) that returns a
// slice. It is called for each request, maybe for several at a time, and may
// use the request's PathValue.
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

// Since lets a client ask for the rows whose field is at least what a parameter
// says, and puts rows in the order of that field, those that are equal as they
// were. If it has numbers only, they are compared by all their digits; if it has
// RFC 3339 instants only, as instants; otherwise as text. A parameter of another
// kind is refused with status 400. Rows without the field come first, and are
// not there for who asks by the parameter. The field may be one within objects,
// such as "meta.updated_at".
func Since(parameter, field string) CollectionOption {
	return func(c *collection) {
		if c.since.parameter != "" {
			c.wrong("there are two options Since")
		}
		c.since = filter{parameter, field}
	}
}

// Equal serves only rows whose field is what the path has for the wildcard of
// that name or, if it has no such wildcard, what the parameter of that name
// says, if it is given. Numbers are equal by value, all else by its text.
func Equal(name, field string) CollectionOption {
	return func(c *collection) { c.equal = append(c.equal, filter{name, field}) }
}

// Under puts the rows into a field of an object, such as "data" or
// "result.items". The default is a JSON array, or "data" if the answer has more
// to say than the rows.
func Under(field string) CollectionOption { return func(c *collection) { c.under = field } }

// InBody takes the parameters from a JSON object that is the body of a POST
// request, which is then the only method. The value of a parameter is a string,
// a number or a bool; null is none. A parameter "page.size" is the field size of
// the object page.
func InBody() CollectionOption { return func(c *collection) { c.posted = true } }

// A filter compares a field with a parameter or, of Equal, a path value.
type filter struct{ parameter, field string }

type collection struct {
	at      string
	style   style
	size    int
	maxSize int
	posted  bool
	since   filter
	equal   []filter
	key     string // the field that ByKey pages by

	// parameter is that of the paging, and sizedBy that of the page size.
	parameter, sizedBy string
	// under, next, total and more are the answer's fields, "" if it has none.
	under, next, total, more string

	errs   []error
	source atomic.Pointer[source]
}

// A source is the rows, or what they are made of for each request.
type source struct {
	table *table
	of    func(*http.Request) (*table, error)
}

// A table is rows in the order in which they are served, with the fields that
// matter.
type table struct {
	rows    []json.RawMessage
	columns map[string]column
}

func (c *collection) wrong(format string, args ...any) {
	c.errs = append(c.errs, c.wrap(fmt.Errorf(format, args...)))
}

func (c *collection) wrap(err error) error { return fmt.Errorf("the rows of %s: %w", c.at, err) }

func (c *collection) path() string { return c.at }

func (c *collection) methods() []string {
	if c.posted {
		return []string{http.MethodPost}
	}
	return []string{http.MethodGet, http.MethodHead}
}

// order returns the field that the rows are sorted by, or "".
func (c *collection) order() string {
	if c.key != "" {
		return c.key
	}
	return c.since.field
}

// parameters returns the names that a client can use.
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

// wild says whether the path has a wildcard.
func (c *collection) wild(name string) bool {
	return strings.Contains(c.at, "{"+name+"}") || strings.Contains(c.at, "{"+name+"...}")
}

// fields returns those of the answer, that of the rows first.
func (c *collection) fields() (fields []string) {
	for _, field := range []string{c.under, c.next, c.total, c.more} {
		if field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

// check finds options that contradict each other.
func (c *collection) check(rows any) {
	if c.style == whole && (c.size != 100 || c.sizedBy != "" || c.maxSize != 0) {
		c.wrong("they have a page size, but no way of paging")
	}
	if c.style != whole && c.parameter == "" {
		c.wrong("the parameter of the paging has no name")
	}
	if (c.style == byToken || c.style == byNextURL) && c.next == "" {
		c.wrong("the field with the next page has no name")
	}
	if c.style == byKey && c.key == "" {
		c.wrong("the field of ByKey has no name")
	}
	if c.posted && (c.style == byLink || c.style == byNextURL) {
		c.wrong("a link can't go on where the parameters are in the body")
	}
	if c.maxSize == 0 {
		c.maxSize = max(c.size, 1000)
	}
	if c.size > c.maxSize {
		c.wrong("the page size is %d, and the maximum %d", c.size, c.maxSize)
	}
	if (c.since.parameter == "") != (c.since.field == "") {
		c.wrong("the option Since lacks a name")
	}
	names := slices.Sorted(slices.Values(c.parameters()))
	for i, name := range names {
		if i > 0 && name == names[i-1] {
			c.wrong("there are two parameters %s", name)
		}
	}
	if c.under == "" && len(c.fields()) > 0 {
		c.under = "data"
	}
	for i, field := range c.fields() {
		for _, other := range c.fields()[i+1:] {
			if field == other || strings.HasPrefix(field, other+".") || strings.HasPrefix(other, field+".") {
				c.wrong("the fields %s and %s of the answer are in each other's place", field, other)
			}
		}
	}
	used := false
	for _, f := range c.equal {
		used = used || c.wild(f.parameter)
	}
	wild := strings.Contains(strings.TrimSuffix(c.at, "{$}"), "{")
	if wild && !used && reflect.ValueOf(rows).Kind() != reflect.Func {
		c.wrong("they are the same whatever the path has for its wildcards; Equal says which are whose")
	}
}

// set replaces the rows.
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

// table makes rows ready to be served.
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

// unique finds keys behind which a client would never see a row.
func unique(key column, field string) error {
	for i, v := range key.values {
		if v.sort == missing {
			return fmt.Errorf("a row has no %s, which they are paged by", field)
		}
		if i > 0 && key.compare(key.values[i-1], v) == 0 {
			return fmt.Errorf("two have the %s %s, which they are paged by", field, v.text)
		}
	}
	return nil
}

// filtered returns the rows that a client asks for.
func (c *collection) filtered(call *call, t *table) ([]int, error) {
	rows := make([]int, len(t.rows))
	for i := range rows {
		rows[i] = i
	}
	if given, ok := call.parameters[c.since.parameter]; ok && c.since.parameter != "" {
		by := t.columns[c.since.field]
		from, err := by.parse(given)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "%s %v", c.since.parameter, err)
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

// wanted returns the value that an Equal asks for, if it does.
func (c *collection) wanted(call *call, f filter) (string, bool) {
	if c.wild(f.parameter) {
		return call.PathValue(f.parameter), true
	}
	want, ok := call.parameters[f.parameter]
	return want, ok
}

// identity tells the list that a client asks for from all others.
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

func (c *collection) answer(call *call) (answer, error) {
	from, err := c.source.Load(), error(nil)
	t := from.table
	if from.of != nil {
		t, err = from.of(call.Request)
	}
	if err != nil {
		return answer{}, err
	}
	rows, err := c.filtered(call, t)
	if err != nil {
		return answer{}, err
	}
	p, err := c.pageOf(call, t, rows)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: http.StatusOK, header: http.Header{}}
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

// body returns the JSON of a page.
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
		following, _ = marshal(next) // which no string fails
	}
	return objectOf([]member{
		{c.under, list.Bytes()},
		{c.next, following},
		{c.total, strconv.AppendInt(nil, int64(len(rows)), 10)},
		{c.more, strconv.AppendBool(nil, p.to < len(rows))},
	})
}

// A member is one of an object, or by a name with dots of one within it.
type member struct {
	name  string
	value []byte
}

// objectOf returns an object with those members that have a name.
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
		name, _ := marshal(first) // which no string fails
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
