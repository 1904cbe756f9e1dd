package fakeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// GraphQL serves connections (Relay's GraphQL Cursor Connections Specification) at a
// path, in response to POST requests with a JSON object: {"query":"...","variables":{}}.
// An operationName must be null or the name of the query.
//
// GraphQL is a subset of the language. A query selects one [Connection] and has this
// form:
//
//	query Orders($first: Int, $after: String) {
//		orders(first: $first, after: $after) {
//			nodes { id total customer { name } }
//			edges { cursor node { id } }
//			pageInfo { hasNextPage endCursor }
//			totalCount
//		}
//	}
//
// The connection has the arguments first, after and those of [Since] and [Equal], and
// the fields nodes, edges, pageInfo and totalCount. Each argument is a variable or a
// string, number, boolean or null. A variable has a named type, with or without ! and
// a default. The fields of nodes are those of the rows; an object, or an array of
// objects, requires a selection of its fields. The word query, the name and all
// arguments are optional.
//
// A request in any other form has status 400: mutations, several operations or
// connections, aliases, fragments, directives, introspection, lists and objects as
// arguments. A content type other than application/json has status 415. In both
// cases, the body is {"errors":[{"message":"..."}]} and describes the mistake.
//
// A query in this form always has status 200. If it is not valid, the body contains
// errors and no data: for an unknown field, argument or variable, a variable with the
// wrong type, a page size above the maximum, or a cursor of another connection or other
// filters. The following is the response to a valid query:
//
//	{"data":{"orders":{"nodes":[...],"pageInfo":{"hasNextPage":true,"endCursor":"..."}}}}
//
// Without rows, the fields of nodes are not known, and none of them is an error.
func GraphQL(path string, options ...GraphQLOption) Option {
	return func(a *API) {
		g := &graphql{at: path}
		for _, option := range options {
			option(g)
		}
		g.check()
		a.errs = append(a.errs, g.errs...)
		a.add(g)
	}
}

// A GraphQLOption configures a [GraphQL] endpoint.
type GraphQLOption func(*graphql)

// Connection adds a connection with rows, which are those of a [Collection]. The name
// is a field of the query or, with dots, a field within others, such as "shop.orders".
// The options [Since], [Equal], [PageSize] and [MaxPageSize] apply: the first two add
// arguments, and the page size is the default of first.
func Connection(name string, rows any, options ...CollectionOption) GraphQLOption {
	return func(g *graphql) {
		c := &connection{name: name, rows: &collection{at: g.at + "#" + name, what: "connection", size: defaultPageSize}}
		for _, option := range options {
			option(c.rows)
		}
		c.check(rows)
		if len(c.rows.errs) == 0 {
			if err := c.set(rows); err != nil {
				c.rows.errs = append(c.rows.errs, err)
			}
		}
		g.errs = append(g.errs, c.rows.errs...)
		g.connections = append(g.connections, c)
	}
}

type graphql struct {
	at          string
	connections []*connection
	budget      *budget
	errs        []error
}

func (g *graphql) wrong(format string, args ...any) {
	g.errs = append(g.errs, fmt.Errorf("GraphQL %s: %w", g.at, fmt.Errorf(format, args...)))
}

// check reports connections whose names are invalid or contradictory.
func (g *graphql) check() {
	if len(g.connections) == 0 {
		g.wrong("there is no connection: use the option Connection")
	}
	for i, c := range g.connections {
		for part := range strings.SplitSeq(c.name, ".") {
			if !isName(part) {
				g.wrong("%q is not the name of a connection", c.name)
			}
		}
		for _, other := range g.connections[i+1:] {
			if overlap(c.name, other.name) {
				g.wrong("the connections %s and %s overlap", c.name, other.name)
			}
		}
	}
}

func (g *graphql) path() string { return g.at }

func (g *graphql) methods() []string { return []string{http.MethodPost} }

func (g *graphql) setPaths() (paths []string) {
	for _, c := range g.connections {
		paths = append(paths, c.rows.at)
	}
	return paths
}

func (g *graphql) set(path string, rows any) error {
	i := slices.IndexFunc(g.connections, func(c *connection) bool { return c.rows.at == path })
	return g.connections[i].set(rows)
}

// respond handles a query.
func (g *graphql) respond(c *call) (response, error) {
	doc, variables, err := g.parse(c)
	if err != nil {
		status := http.StatusBadRequest
		if e := (*statusError)(nil); errors.As(err, &e) {
			status = e.status
		}
		return errorsResponse(status, err, nil), nil
	}
	data, cost, err := g.execute(c, doc, variables)
	if err != nil {
		status := http.StatusOK
		if e := (*graphqlError)(nil); errors.As(err, &e) && e.form {
			status = http.StatusBadRequest
		}
		return errorsResponse(status, err, cost), nil
	}
	return response{status: http.StatusOK, body: objectOf([]member{{"data", data}, {extensionsOf(cost), cost}})}, nil
}

// execute returns the data of a query and, with [QueryCost], its cost.
func (g *graphql) execute(c *call, doc *document, variables map[string]json.RawMessage) (data, cost []byte, err error) {
	name, at, err := g.resolve(doc)
	if err != nil {
		return nil, nil, err
	}
	values, err := doc.values(variables)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(g.connections, func(c *connection) bool { return c.name == name })
	q, err := g.connections[i].prepare(c, at, values)
	if err != nil {
		return nil, nil, err
	}
	if g.budget != nil {
		if cost, err = g.budget.spend(); err != nil {
			return nil, cost, err
		}
	}
	return objectOf([]member{{name, q.result()}}), cost, nil
}

// resolve returns the connection that a query selects, and its field in the query.
func (g *graphql) resolve(doc *document) (name string, at *selected, err error) {
	fields, within := doc.fields, "the query"
	for {
		if len(fields) != 1 {
			return "", nil, &graphqlError{form: true, at: doc.at, message: fmt.Sprintf("%s selects %d fields: want one, which leads to a connection", within, len(fields))}
		}
		at = fields[0]
		name += at.name
		if slices.ContainsFunc(g.connections, func(c *connection) bool { return c.name == name }) {
			return name, at, nil
		}
		if !slices.ContainsFunc(g.connections, func(c *connection) bool { return strings.HasPrefix(c.name, name+".") }) {
			return "", nil, invalidQuery(at.at, "%s has no field %s: the connections are %s", within, strconv.Quote(at.name), g.names())
		}
		if len(at.arguments) > 0 {
			return "", nil, invalidQuery(at.at, "the field %s has no arguments", name)
		}
		fields, within = at.fields, name
		name += "."
	}
}

func (g *graphql) names() string {
	var all []string
	for _, c := range g.connections {
		all = append(all, c.name)
	}
	return strings.Join(all, ", ")
}
