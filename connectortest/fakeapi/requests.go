package fakeapi

import (
	"net/http"
	"net/url"
	"slices"
)

// A Request is one that an API was asked, without the credentials: neither
// Authorization, Proxy-Authorization and Cookie nor what [Header] and [Query]
// name. Its maps and its body are shared, and not to be changed.
type Request struct {
	// Method and Path are those of the request.
	Method, Path string
	// Query has the parameters, those that are malformed left out.
	Query url.Values
	// Header is the request's.
	Header http.Header
	// Body is the request's, up to a megabyte of it.
	Body []byte
	// Status is that of the answer. It is 0 if there is none, or none yet: the
	// connection was broken, or the request waits.
	Status int
}

// Requests returns what the API was asked, in the order of arrival, including
// what it refused.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// record notes a request, and returns its number.
func (a *API) record(r *http.Request, body []byte) int {
	header := r.Header.Clone()
	query := r.URL.Query()
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		header.Del(name)
	}
	for _, door := range a.doors {
		header.Del(door.header)
		delete(query, door.query)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, Request{Method: r.Method, Path: r.URL.Path, Query: query, Header: header, Body: body})
	return len(a.requests) - 1
}

// answered notes the status of a request's answer.
func (a *API) answered(number, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests[number].Status = status
}
