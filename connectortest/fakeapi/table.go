package fakeapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"
)

// A source holds the rows or, if of is set, the function that returns the rows for a
// request.
type source struct {
	table *table
	of    func(*http.Request) (*table, error)
	date  date
}

// rows returns the rows for a request.
func (s *source) rows(r *http.Request) (*table, error) {
	if s.of != nil {
		return s.of(r)
	}
	return s.table, nil
}

// modified returns when the rows changed, or the zero time if a function returns them.
func (s *source) modified() time.Time {
	if s.of != nil {
		return time.Time{}
	}
	return s.date.at
}

// A table holds the rows in the order in which they are served, and the fields that
// order or filter them.
type table struct {
	rows    []json.RawMessage
	columns map[string]column
	// csvColumns are the names of the columns of CSV.
	csvColumns []string
}

// equal reports whether two tables have the same rows.
func (t *table) equal(u *table) bool {
	return slices.EqualFunc(t.rows, u.rows, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// set replaces the rows or the function that returns them.
func (c *collection) set(_ string, rows any) error {
	s := &source{date: firstDate()}
	if of := reflect.ValueOf(rows); of.Kind() == reflect.Func {
		t := of.Type()
		if of.IsNil() || t.NumIn() != 1 || t.In(0) != reflect.TypeFor[*http.Request]() || t.NumOut() != 1 {
			return c.wrap(fmt.Errorf("want a func(*http.Request) that returns a slice, not %T", rows))
		}
		s.of = func(r *http.Request) (*table, error) {
			return c.table(of.Call([]reflect.Value{reflect.ValueOf(r)})[0].Interface())
		}
	} else {
		var err error
		if s.table, err = c.table(rows); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if before := c.source.Load(); before != nil {
		s.date = before.date
		if s.of != nil || before.of != nil || !s.table.equal(before.table) {
			s.date = before.date.next()
		}
	}
	c.source.Store(s)
	return nil
}

// table marshals and sorts rows.
func (c *collection) table(rows any) (*table, error) {
	all, err := marshalRows(rows)
	if err != nil {
		return nil, c.wrap(err)
	}
	t := &table{rows: all, columns: map[string]column{}}
	if t.csvColumns = c.format.columns; c.format.kind == asCSV {
		names, err := csvColumns(all)
		if err != nil {
			return nil, c.wrap(err)
		}
		if t.csvColumns == nil {
			t.csvColumns = names
		}
	}
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
