package transport

import (
	"errors"
	"fmt"
	"net/http"

	jsonv2 "github.com/go-json-experiment/json"
)

// GraphQL returns the request for a query: a POST to path of the query and its
// variables, repeated like a GET because a query only reads. Errors that the
// source reports in the answer fail it with [ErrReported], since data beside
// them is incomplete.
//
// Set Records of what it returns to where the records are, for a connection
// "data.shop.orders.edges.*.node" or "data.shop.orders.nodes", and page it with
// [Relay].
func GraphQL(path, query string, variables map[string]any) Request {
	body := map[string]any{"query": query}
	if len(variables) > 0 {
		body["variables"] = variables
	}
	return Request{Method: http.MethodPost, Path: path, Body: body, ErrorAt: "errors", Idempotent: true}
}

// Relay is paging by the connections of GraphQL (the Relay cursor connections
// specification): pageInfo says whether there is a next page, and its endCursor
// asks for it. The query must select pageInfo { hasNextPage endCursor } and take
// the cursor as a variable.
type Relay struct {
	// At is the path to the connection, such as "data.shop.orders". Required.
	At string
	// Variable is the variable that takes the cursor. Optional; the default is
	// "after".
	Variable string
}

// Start returns req.
func (r Relay) Start(req Request) (Request, error) {
	if r.At == "" {
		return req, errors.New("transport.Relay: At is required")
	}
	return req, nil
}

// Next returns the request with the cursor of page.
func (r Relay) Next(page *Page) (Request, string, error) {
	variable := r.Variable
	if variable == "" {
		variable = "after"
	}
	info := r.At + ".pageInfo"
	if _, ok, err := page.Find(info); err != nil || !ok {
		if err == nil {
			err = fmt.Errorf("%s is missing: the query has to select it", info)
		}
		return Request{}, "", err
	}
	c := Cursor{At: info + ".endCursor", Param: "variables." + variable, More: info + ".hasNextPage", InBody: true}
	return c.Next(page)
}

// reported returns an error if a body holds one at a path.
func reported(resp *Response, at path) error {
	if resp.Status == http.StatusNoContent || resp.Status == http.StatusResetContent {
		return nil
	}
	doc, err := newDocument(plainJSON(resp.Body))
	if err != nil {
		return nil //nolint:nilerr // what reads the body says what is wrong with it, in better words
	}
	v, ok, err := doc.find(at)
	if err != nil || !ok {
		return err
	}
	raw := v.of(doc.body)
	switch string(raw) {
	case "null", "false", "0", `""`:
		return nil
	}
	if (raw[0] == '[' || raw[0] == '{') && emptyContainer(doc.body, v) {
		return nil
	}
	var text string
	if raw[0] == '"' {
		if err := jsonv2.Unmarshal(raw, &text); err != nil {
			text = string(raw)
		}
	} else {
		text = string(raw)
	}
	return fmt.Errorf("%w: %s", ErrReported, excerpt([]byte(text)))
}
