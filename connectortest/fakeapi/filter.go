package fakeapi

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strings"
)

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

// A filter compares a field with a parameter or, for Equal, with a path value.
type filter struct{ parameter, field string }

// wild reports whether the path has a wildcard of this name.
func (c *collection) wild(name string) bool {
	return strings.Contains(c.at, "{"+name+"}") || strings.Contains(c.at, "{"+name+"...}")
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
