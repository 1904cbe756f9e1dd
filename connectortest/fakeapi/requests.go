package fakeapi

import (
	"net/http"
	"net/url"
	"slices"
)

// A Request describes a request that an API has received. It does not contain
// credentials: neither the headers Authorization, Proxy-Authorization and Cookie
// nor the headers and parameters that [Header] and [Query] name. For the token
// endpoint of [OAuth], Body lacks the parameters client_secret and refresh_token.
//
// The maps and the body are shared. Do not modify them.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the unescaped path.
	Path string
	// Query holds the query parameters except malformed ones.
	Query url.Values
	// Header holds the header fields.
	Header http.Header
	// Body is the first megabyte of the body.
	Body []byte
	// Status is the status of the response. It is 0 if there is no response yet, or
	// if [Faults] broke the connection.
	Status int
}

// Requests returns the requests that the API has received, in the order of
// arrival, including those that it rejected.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// record stores a request. It returns its number and its fault of [FailOn].
func (a *API) record(r *http.Request, body []byte, e endpoint) (int, Fault) {
	header := r.Header.Clone()
	query := r.URL.Query()
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		header.Del(name)
	}
	for _, credential := range a.credentials {
		header.Del(credential.header)
		delete(query, credential.query)
	}
	if a.oauth != nil && e == endpoint(a.oauth) {
		body = withoutSecrets(body)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, Request{Method: r.Method, Path: r.URL.Path, Query: query, Header: header, Body: body})
	return len(a.requests) - 1, a.failure(r, e)
}

// setStatus stores the status of the response to a request.
func (a *API) setStatus(number, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests[number].Status = status
}
