package fakeapi

import (
	"fmt"
	"net/http"
	"net/url"
)

// FailOn makes exactly the nth request of a path fail, counted from 1. The path is
// one that was passed to an option such as [Collection], and then means all requests
// that this option responds to, or it is the path of requests, such as
// "/v1/orders/7". An unknown path fails the test.
//
// All requests of the path count, in the order of arrival, regardless of their method,
// query and response. The nth request fails with or without valid credentials and does
// not count against the [RateLimit], unless the fault is [Truncate]. It is not subject
// to [Faults].
func FailOn(path string, nth int, fault Fault) Option {
	return func(a *API) {
		wrong := func(format string, args ...any) {
			a.errs = append(a.errs, fmt.Errorf("FailOn %s: %w", path, fmt.Errorf(format, args...)))
		}
		if nth < 1 {
			wrong("the number of the request is %d: want at least 1", nth)
		}
		if fault.err != nil {
			wrong("%w", fault.err)
		} else if fault.kind == none {
			wrong("the fault is empty: use Status, Timeout, Reset, Truncate or RespondWith")
		}
		if a.failures[path] == nil {
			if a.failures == nil {
				a.failures = failures{}
			}
			a.failures[path] = map[int]Fault{}
		}
		if _, ok := a.failures[path][nth]; ok {
			wrong("request %d has two faults", nth)
		}
		a.failures[path][nth] = fault
	}
}

// failures holds the faults of FailOn by path and number of the request.
type failures map[string]map[int]Fault

// checkFailures reports the paths of FailOn that are not paths of the API.
func (a *API) checkFailures() {
	for path := range a.failures {
		if a.leads(path) {
			continue
		}
		a.errs = append(a.errs, fmt.Errorf("FailOn %s: it is not a path of the API: %s", path, a.paths()))
	}
}

// leads reports whether a path is one of the API, as it was passed to an option or
// as requests have it.
func (a *API) leads(path string) bool {
	for _, e := range a.endpoints {
		if e.path() == path {
			return true
		}
	}
	return a.find(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}}) != nil
}

// failure counts a request and returns its fault. The caller holds a.mu, so the
// numbers are in the order of [API.Requests].
func (a *API) failure(r *http.Request, e endpoint) (fault Fault) {
	if len(a.failures) == 0 {
		return Fault{}
	}
	paths := []string{r.URL.Path}
	if e != nil && e.path() != r.URL.Path {
		paths = append(paths, e.path())
	}
	for _, path := range paths {
		faults, ok := a.failures[path]
		if !ok {
			continue
		}
		a.received[path]++
		if f, ok := faults[a.received[path]]; ok && fault.kind == none {
			fault = f
		}
	}
	return fault
}
