package transport

import "net/http"

// GraphQL returns the request for a GraphQL query: a POST to path with the query and its
// variables. It is repeated like a GET, because a query only reads. If the response
// reports errors, the request fails with [ErrReported], since the data beside them is
// incomplete.
//
// Set RecordsAt of the request to the path of the records, which is
// "data.shop.orders.edges.*.node" or "data.shop.orders.nodes" for a connection. For the
// pages of a connection, use paging.Relay.
func GraphQL(path, query string, variables map[string]any) Request {
	body := map[string]any{"query": query}
	if len(variables) > 0 {
		body["variables"] = variables
	}
	return Request{Method: http.MethodPost, Path: path, Body: body, ErrorAt: "errors", Idempotent: true}
}
