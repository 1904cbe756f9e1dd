package fakeapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
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

// A graphqlError is an error of a query, with the place in its text, if known.
type graphqlError struct {
	message string
	at      place
	code    string
	form    bool // the query is not in the form that is accepted
}

func (e *graphqlError) Error() string { return e.message }

func invalidQuery(at place, format string, args ...any) error {
	return &graphqlError{message: fmt.Sprintf(format, args...), at: at}
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

// extensionsOf returns the name of the field that holds the cost of a query.
func extensionsOf(cost []byte) string {
	if cost == nil {
		return ""
	}
	return "extensions.cost"
}

// errorsResponse returns the response that reports an error of a query.
func errorsResponse(status int, err error, cost []byte) response {
	type location struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
	type extensions struct {
		Code string `json:"code"`
	}
	type entry struct {
		Message    string      `json:"message"`
		Locations  []location  `json:"locations,omitempty"`
		Extensions *extensions `json:"extensions,omitempty"`
	}
	one := entry{Message: err.Error()}
	if e := (*graphqlError)(nil); errors.As(err, &e) {
		if e.at.line > 0 {
			one.Locations = []location{{e.at.line, e.at.column}}
		}
		if e.code != "" {
			one.Extensions = &extensions{e.code}
		}
	}
	list, _ := marshal([]entry{one}) // always marshals
	return response{status: status, body: objectOf([]member{{"errors", list}, {extensionsOf(cost), cost}})}
}

// parse parses the body of a request.
func (g *graphql) parse(c *call) (*document, map[string]json.RawMessage, error) {
	if err := c.rejectQuery(); err != nil {
		return nil, nil, err
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, nil, reject(http.StatusUnsupportedMediaType, "want the content type application/json")
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &body); err != nil || body == nil {
		return nil, nil, errors.New("the body is not a JSON object")
	}
	for name := range body {
		if name != "query" && name != "variables" && name != "operationName" {
			return nil, nil, fmt.Errorf("the body has the unknown member %q: want query, variables and operationName", name)
		}
	}
	var text, operation *string
	var variables map[string]json.RawMessage
	if err := json.Unmarshal(orNull(body["query"]), &text); err != nil || text == nil {
		return nil, nil, errors.New("the member query of the body is missing or not a string")
	}
	if err := json.Unmarshal(orNull(body["variables"]), &variables); err != nil {
		return nil, nil, errors.New("the member variables of the body is not an object")
	}
	if err := json.Unmarshal(orNull(body["operationName"]), &operation); err != nil {
		return nil, nil, errors.New("the member operationName of the body is not a string")
	}
	doc, err := parseDocument(*text)
	if err != nil {
		return nil, nil, err
	}
	if operation != nil && *operation != doc.name {
		return nil, nil, fmt.Errorf("operationName is %q, but the query has the name %q", *operation, doc.name)
	}
	return doc, variables, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
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
