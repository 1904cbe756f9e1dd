package fakerest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A list is the rows of one path.
type list struct {
	api    *API
	paging paging
	size   int
	// sizeParameter is by which a client asks for another size, or "".
	sizeParameter string
	most          int
	under         string
	since         [2]string // parameter, field
	parents       [][2]string

	mu   sync.Mutex
	rows []row
}

// A row is a JSON object, and its members.
type row struct {
	text    json.RawMessage
	members map[string]json.RawMessage
}

// A RowsOption says how a list is asked for and answered.
type RowsOption func(*list)

// Rows answers GET requests for a path with rows: a slice of structs, of maps or
// of [json.RawMessage]. Each is marshalled once, and served with all its digits.
// Without options all rows are one JSON array.
//
// A path may have wildcards as those of [http.ServeMux], such as
// "/orders/{id}/items"; [Of] says which field they are.
func Rows(path string, rows any, options ...RowsOption) Option {
	return func(t testing.TB, a *API) {
		t.Helper()
		l := &list{api: a, size: 100, most: 1000}
		for _, option := range options {
			option(l)
		}
		parsed, err := parseRows(rows)
		if err == nil && l.size < 1 {
			err = fmt.Errorf("a page of %d rows", l.size)
		}
		if err != nil {
			t.Fatalf("fakerest: %s: %v", path, err)
		}
		l.rows = parsed
		if l.under == "" && l.paging != nil && l.paging.wraps() {
			l.under = "data"
		}
		a.handle(t, path, l.serve)
		a.lists[path] = l
	}
}

// PageSize sets how many rows a page has, and by which parameter a client asks for
// another number; "" is none. The default is 100. Without a paging, it has no
// effect.
func PageSize(rows int, parameter string) RowsOption {
	return func(l *list) { l.size, l.sizeParameter = rows, parameter }
}

// MaxPageSize sets how many rows a client may ask for; more is answered with 400.
// The default is 1000.
func MaxPageSize(rows int) RowsOption {
	return func(l *list) { l.most = rows }
}

// Under puts the rows into a field of an object, such as "data". The default is an
// array, or "data" where a paging has to say more.
func Under(field string) RowsOption {
	return func(l *list) { l.under = field }
}

// Since lets a client ask for rows whose field is at least a parameter's value,
// and serves rows in the order of that field. Numbers are compared by their
// digits, RFC 3339 instants as such, all else as text. A row without the field is
// older than all.
func Since(parameter, field string) RowsOption {
	return func(l *list) { l.since = [2]string{parameter, field} }
}

// Of serves only rows whose field is what the path has in the place of a wildcard.
func Of(wildcard, field string) RowsOption {
	return func(l *list) { l.parents = append(l.parents, [2]string{wildcard, field}) }
}

func parseRows(rows any) ([]row, error) {
	v := reflect.ValueOf(rows)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("want a slice of rows, got %T", rows)
	}
	parsed := make([]row, v.Len())
	for i := range parsed {
		text, err := marshal(v.Index(i).Interface())
		if err == nil {
			err = json.Unmarshal(text, &parsed[i].members)
		}
		if err == nil && parsed[i].members == nil {
			err = errors.New("it is null")
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		parsed[i].text = text
	}
	return parsed, nil
}

// parameters are those that the list knows.
func (l *list) parameters() []string {
	var names []string
	if l.paging != nil {
		names = append(names, l.paging.parameter())
		if l.sizeParameter != "" {
			names = append(names, l.sizeParameter)
		}
	}
	if l.since[0] != "" {
		names = append(names, l.since[0])
	}
	slices.Sort(names)
	return names
}

func (l *list) serve(w http.ResponseWriter, r *http.Request) {
	if unknown := l.api.unknown(r, l.parameters()); unknown != "" {
		fail(w, http.StatusBadRequest, unknown)
		return
	}
	query := r.URL.Query()
	rows, filter := l.chosen(r, query)
	if l.paging == nil {
		l.write(w, rows, nil)
		return
	}
	size, err := l.pageSize(query)
	if err == nil {
		var p *page
		if p, err = l.paging.page(&asked{request: r, query: query, filter: filter, rows: rows, size: size}); err == nil {
			for name, value := range p.header {
				w.Header().Set(name, value)
			}
			l.write(w, rows[p.from:p.to], p.fields)
			return
		}
	}
	fail(w, http.StatusBadRequest, err.Error())
}

// chosen returns the rows that a request is about, and what chose them.
func (l *list) chosen(r *http.Request, query url.Values) (rows []row, filter string) {
	l.mu.Lock()
	rows = slices.Clone(l.rows)
	l.mu.Unlock()
	filter = r.URL.Path
	for _, of := range l.parents {
		want := r.PathValue(of[0])
		rows = slices.DeleteFunc(rows, func(row row) bool { return compare(row.members[of[1]], want) != 0 })
	}
	if parameter, field := l.since[0], l.since[1]; parameter != "" {
		slices.SortStableFunc(rows, func(a, b row) int { return compare(a.members[field], text(b.members[field])) })
		if since := query.Get(parameter); since != "" {
			filter += " " + since
			rows = slices.DeleteFunc(rows, func(row row) bool { return compare(row.members[field], since) < 0 })
		}
	}
	return rows, filter
}

func (l *list) pageSize(query url.Values) (int, error) {
	if l.sizeParameter == "" || !query.Has(l.sizeParameter) {
		return l.size, nil
	}
	size, err := number(query, l.sizeParameter, 1)
	if err == nil && size > l.most {
		err = fmt.Errorf("%s is %d: %d are the most", l.sizeParameter, size, l.most)
	}
	return size, err
}

// write writes rows, and what a page says beside them.
func (l *list) write(w http.ResponseWriter, rows []row, fields map[string]any) {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(row.text)
	}
	b.WriteByte(']')
	if l.under == "" {
		answer(w, b.Bytes())
		return
	}
	object := nested{}
	object.put(l.under, json.RawMessage(b.Bytes()))
	for at, value := range fields {
		object.put(at, value)
	}
	text, err := marshal(object)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, text)
}

// nested is a JSON object whose members may be within others.
type nested map[string]any

// put puts a value to where a path with dots leads.
func (n nested) put(at string, value any) {
	name, rest, deeper := strings.Cut(at, ".")
	if !deeper {
		n[name] = value
		return
	}
	inner, ok := n[name].(nested)
	if !ok {
		inner = nested{}
		n[name] = inner
	}
	inner.put(rest, value)
}

// text returns what a JSON value says: of a string, what is within.
func text(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	return string(value)
}

// compare compares a field with what a client asked for.
func compare(field json.RawMessage, with string) int {
	has := text(field)
	if x, ok := new(big.Rat).SetString(has); ok {
		if y, ok := new(big.Rat).SetString(with); ok {
			return x.Cmp(y)
		}
	}
	if x, err := time.Parse(time.RFC3339Nano, has); err == nil {
		if y, err := time.Parse(time.RFC3339Nano, with); err == nil {
			return x.Compare(y)
		}
	}
	return strings.Compare(has, with)
}
