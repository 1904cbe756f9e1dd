package fakeapi

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The arguments of a connection that select a page.
const (
	firstArgument = "first"
	afterArgument = "after"
)

// A connection serves rows as pages of a [GraphQL] endpoint.
type connection struct {
	name string
	rows *collection

	mu    sync.Mutex // held by set
	shape *shape     // of all rows so far
}

// check reports invalid options.
func (c *connection) check(rows any) {
	r := c.rows
	if r.style != whole {
		r.wrong("a connection always pages by first and after")
	}
	if r.sizedBy != "" || r.under != "" || r.total != "" || r.more != "" || r.posted || r.format.option != "" || r.format.gzip {
		r.wrong("only the options Since, Equal, PageSize and MaxPageSize apply to a connection")
	}
	r.style, r.parameter, r.sizedBy = byToken, afterArgument, firstArgument
	r.next = "next" // unused, but a collection needs it
	r.check(rows)
	for _, name := range r.parameters() {
		if !isName(name) {
			r.wrong("%q is not the name of an argument", name)
		}
	}
}

// set replaces the rows. Fields that were known stay known.
func (c *connection) set(rows any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.rows.set(c.rows.at, rows); err != nil {
		return err
	}
	if t := c.rows.source.Load().table; t != nil {
		c.shape = c.shape.with(t.rows)
	}
	return nil
}

// load returns the rows for a request and their shape.
func (c *connection) load(call *call) (*table, *shape, error) {
	c.mu.Lock()
	from, known := c.rows.source.Load(), c.shape
	c.mu.Unlock()
	t, err := from.rows(call.Request)
	if err == nil && from.of != nil {
		known = known.with(t.rows)
	}
	return t, known, err
}

// A pageQuery is a valid query for a page of a connection.
type pageQuery struct {
	c     *connection
	call  *call
	table *table
	rows  []int // that pass the filters
	page  page
	at    *selected
}

// prepare checks a query and finds its page.
func (c *connection) prepare(call *call, at *selected, values map[string]json.RawMessage) (*pageQuery, error) {
	if err := c.readArguments(call, at, values); err != nil {
		return nil, err
	}
	t, nodes, err := c.load(call)
	if err != nil {
		return nil, err
	}
	if err := checkConnection(at, nodes); err != nil {
		return nil, err
	}
	rows, err := c.rows.filtered(call, t)
	if err != nil {
		return nil, err
	}
	p, err := c.rows.pageOf(call, t, rows)
	if err != nil {
		return nil, err
	}
	return &pageQuery{c, call, t, rows, p, at}, nil
}

// readArguments makes the arguments of a connection the parameters of a call.
func (c *connection) readArguments(call *call, at *selected, values map[string]json.RawMessage) error {
	known := c.rows.parameters()
	call.parameters = map[string]string{}
	for _, a := range at.arguments {
		if !slices.Contains(known, a.name) {
			return invalidQuery(a.at, "%s has no argument %s: it has %s", c.name, strconv.Quote(a.name), strings.Join(known, ", "))
		}
		raw := a.value
		if a.variable != "" {
			raw = values[a.variable]
		}
		if len(raw) == 0 || raw[0] == 'n' {
			continue // null means that the argument is absent
		}
		want := ""
		switch {
		case a.name == firstArgument && !isInt(raw):
			want = "an integer"
		case a.name == afterArgument && raw[0] != '"':
			want = "a string"
		}
		if want != "" {
			return invalidQuery(a.at, "the argument %s is %s: want %s", a.name, raw, want)
		}
		call.parameters[a.name] = textOf(raw)
	}
	return nil
}

// checkConnection checks the fields that a query selects of a connection.
func checkConnection(at *selected, nodes *shape) error {
	if nodes.unknown() {
		nodes = &shape{open: true}
	}
	cursorField, flag := &shape{leaf: true}, &shape{leaf: true}
	return at.check(&shape{fields: map[string]*shape{
		"nodes":      nodes,
		"edges":      {fields: map[string]*shape{"cursor": cursorField, "node": nodes}},
		"pageInfo":   {fields: map[string]*shape{"hasNextPage": flag, "endCursor": cursorField}},
		"totalCount": {leaf: true},
	}})
}

// result returns the JSON of the connection.
func (q *pageQuery) result() []byte {
	var members []member
	for _, f := range q.at.fields {
		var value []byte
		switch f.name {
		case "nodes":
			value = q.list(func(i int) []byte { return f.project(q.table.rows[q.rows[i]]) })
		case "edges":
			value = q.list(func(i int) []byte { return q.edge(f, i) })
		case "pageInfo":
			value = q.pageInfo(f)
		case "totalCount":
			value = strconv.AppendInt(nil, int64(len(q.rows)), 10)
		}
		members = append(members, member{f.name, value})
	}
	return objectOf(members)
}

// list returns a JSON array with an element for each row of the page.
func (q *pageQuery) list(element func(i int) []byte) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := q.page.from; i < q.page.to; i++ {
		if i > q.page.from {
			b.WriteByte(',')
		}
		b.Write(element(i))
	}
	b.WriteByte(']')
	return b.Bytes()
}

func (q *pageQuery) edge(f *selected, i int) []byte {
	var members []member
	for _, sub := range f.fields {
		if sub.name == "cursor" {
			members = append(members, member{sub.name, q.cursor(i)})
		} else {
			members = append(members, member{sub.name, sub.project(q.table.rows[q.rows[i]])})
		}
	}
	return objectOf(members)
}

func (q *pageQuery) pageInfo(f *selected) []byte {
	var members []member
	for _, sub := range f.fields {
		value := strconv.AppendBool(nil, q.page.to < len(q.rows))
		if sub.name == "endCursor" {
			if value = []byte("null"); q.page.to > q.page.from {
				value = q.cursor(q.page.to - 1)
			}
		}
		members = append(members, member{sub.name, value})
	}
	return objectOf(members)
}

// cursor returns the cursor of a row, which is the token of the page after it.
func (q *pageQuery) cursor(i int) []byte {
	token, _ := marshal(q.c.rows.place(q.call, q.table, q.rows, i+1)) // a string always marshals
	return token
}
