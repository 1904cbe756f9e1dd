package fakeapi

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// An endpoint handles the requests for a path.
type endpoint interface {
	path() string
	methods() []string
	// respond returns the response to a request with one of the methods.
	respond(*call) (response, error)
}

// A settable is an endpoint whose content [API.Set] replaces.
type settable interface {
	// setPaths returns the paths by which Set knows the content.
	setPaths() []string
	set(path string, value any) error
}

// A guarded is an endpoint that checks credentials of its own instead of those of the
// API. Its requests do not count against the rate limit.
type guarded interface{ guards(*http.Request) bool }

func isGuarded(e endpoint, r *http.Request) bool {
	g, ok := e.(guarded)
	return ok && g.guards(r)
}

// add routes requests to an endpoint.
func (a *API) add(e endpoint) {
	defer func() {
		if p := recover(); p != nil { // a mux panics if a pattern is invalid or conflicts
			a.errs = append(a.errs, fmt.Errorf("%s: the path is invalid or taken: %v", e.path(), p))
		}
	}()
	pattern := e.path()
	if !strings.HasPrefix(pattern, "/") {
		a.errs = append(a.errs, fmt.Errorf("%q is not a path: want one that starts with a slash", pattern))
		return
	}
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}" // match this path only, not those below it
	}
	a.mux.Handle(pattern, handler{e})
	a.endpoints = append(a.endpoints, e)
}

// trimSlash returns a path to which a further element can be added.
func trimSlash(path string) string { return strings.TrimSuffix(path, "/") }

// A handler registers an endpoint with a mux.
type handler struct{ endpoint }

// ServeHTTP stores the endpoint in the response writer that [API.find] passes.
func (h handler) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f, ok := w.(*found); ok {
		f.endpoint = h.endpoint
	}
}

// found is a response writer that holds the endpoint of a request. It discards the
// response.
type found struct{ endpoint endpoint }

func (f *found) Header() http.Header         { return http.Header{} }
func (f *found) Write(b []byte) (int, error) { return len(b), nil }
func (f *found) WriteHeader(int)             {}

// find returns the endpoint of a request and sets the request's path values. It
// returns nil for an unknown path.
func (a *API) find(r *http.Request) endpoint {
	// A mux redirects paths such as "//orders". Real APIs rarely do.
	if p := r.URL.EscapedPath(); p != "/" && path.Clean(p) != strings.TrimSuffix(p, "/") {
		return nil
	}
	var f found
	a.mux.ServeHTTP(&f, r)
	return f.endpoint
}

// paths describes the paths of the API.
func (a *API) paths() string {
	if len(a.endpoints) == 0 {
		return "it has no paths"
	}
	var all []string
	for _, e := range a.endpoints {
		all = append(all, e.path())
	}
	slices.Sort(all)
	return "it has " + strings.Join(all, ", ")
}
