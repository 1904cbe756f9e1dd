package fakeapi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// An API is a fake REST API. It is an [http.Handler]. Its methods are safe for
// concurrent use.
type API struct {
	t           testing.TB // may be nil
	mux         *http.ServeMux
	endpoints   []endpoint
	credentials []credential // any one of them is sufficient
	latency     time.Duration
	limit       *limit
	faults      *faults
	ignoreAll   bool            // ignore every unknown parameter
	ignored     map[string]bool // ignore these parameters
	errs        []error

	mu       sync.Mutex
	requests []Request
}

// An Option configures an API. [Collection] and [Object] add paths. [Bearer],
// [Basic], [Header] and [Query] require credentials. [RateLimit], [Latency] and
// [Faults] imitate a real API under load. [IgnoreParameters] makes the API less
// strict.
type Option func(*API)

// New returns an API. Invalid options fail the test t immediately, with a message
// that lists all of them. If t is nil, as in an Example, New panics instead.
func New(t testing.TB, options ...Option) *API { //nolint:thelper // t may be nil
	a := &API{t: t, mux: http.NewServeMux(), ignored: map[string]bool{}}
	for _, option := range options {
		option(a)
	}
	a.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {}) // without it, the mux would write a 404
	if err := errors.Join(a.errs...); err != nil {
		if t == nil {
			panic(fmt.Errorf("fakeapi: %w", err))
		}
		t.Helper()
		t.Fatalf("fakeapi: %v", err)
	}
	return a
}

// Set replaces the rows of a collection or the value of an object. The path is the
// one that was passed to [Collection] or [Object]. Later requests see the new
// rows, even if they request the next page of a list that a client began earlier.
//
// Unknown paths, and rows that cannot be marshalled, change nothing and fail the
// test that was passed to [New]. Without a test, Set panics.
func (a *API) Set(path string, rows any) {
	err := fmt.Errorf("cannot set %s, which is not a path of the API: %s", path, a.paths())
	if i := slices.IndexFunc(a.endpoints, func(e endpoint) bool { return e.path() == path }); i >= 0 {
		err = a.endpoints[i].set(rows)
	}
	if err == nil {
		return
	}
	if a.t == nil {
		panic(fmt.Errorf("fakeapi: %w", err))
	}
	a.t.Helper()
	a.t.Errorf("fakeapi: %v", err) // only the test's own goroutine may call Fatalf
}

// An endpoint handles the requests for a path.
type endpoint interface {
	path() string
	set(value any) error
	methods() []string
	// parameters returns the names of the known parameters.
	parameters() []string
	respond(*call) (response, error)
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

// A response is sent to a client.
type response struct {
	status int
	header http.Header
	body   []byte
}

// A statusError is an error with the status of its response.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }

func reject(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

// errorResponse returns the response that reports an error. The status is
// that of a statusError, or 500 for any other error.
func errorResponse(err error) response {
	status := http.StatusInternalServerError
	if e := (*statusError)(nil); errors.As(err, &e) {
		status = e.status
	}
	body, _ := marshal(map[string]string{"error": err.Error()}) // a map of strings always marshals
	return response{status: status, header: http.Header{}, body: body}
}

// ServeHTTP implements [http.Handler].
//
// If [Faults] breaks the connection, ServeHTTP panics with
// [http.ErrAbortHandler], before the response or in the middle of its body. A
// server of net/http then closes the connection. A round tripper that calls
// ServeHTTP with a recorder must recover that panic and return an error, or a body
// whose Read fails at its end.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	number := a.record(r, body)
	header := http.Header{}
	if err == nil {
		err = a.admit(r, header)
	}
	var fault fault
	if err == nil && a.faults != nil {
		fault = a.faults.next(a.key(r, body))
	}
	var resp response
	switch {
	case err != nil:
		resp = errorResponse(err)
	case fault.kind == reset, fault.kind == cut && r.Method == http.MethodHead: // a HEAD response has no body to cut
		panic(http.ErrAbortHandler)
	case fault.kind == status:
		resp = fault.response()
	default:
		resp = a.respond(r, body)
	}
	maps.Copy(header, resp.header)
	maps.Copy(w.Header(), header)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(resp.body)))
	if fault.kind != cut {
		a.setStatus(number, resp.status)
	}
	w.WriteHeader(resp.status)
	if fault.kind == cut {
		_, _ = w.Write(resp.body[:int(fault.at*float64(len(resp.body)))])
		_ = http.NewResponseController(w).Flush() // otherwise, the client would not receive this part; a recorder already has it
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(resp.body) // fails only if the client is gone
	}
}

// admit waits for the latency, and checks the credentials and the rate limit. It
// sets headers of the response, whether or not it rejects the request.
func (a *API) admit(r *http.Request, header http.Header) error {
	if err := a.wait(r); err != nil {
		return err
	}
	if err := a.authorize(r, header); err != nil {
		return err
	}
	if a.limit == nil {
		return nil
	}
	return a.limit.take(header)
}

// respond returns the response to an admitted request.
func (a *API) respond(r *http.Request, body []byte) response {
	e := a.find(r)
	if e == nil {
		return errorResponse(reject(http.StatusNotFound, "the API has no path %s: %s", r.URL.Path, a.paths()))
	}
	if methods := e.methods(); !slices.Contains(methods, r.Method) {
		resp := errorResponse(reject(http.StatusMethodNotAllowed, "%s does not support %s: want %s", r.URL.Path, r.Method, strings.Join(methods, " or ")))
		resp.header.Set("Allow", strings.Join(methods, ", "))
		return resp
	}
	c, err := a.call(r, body, e)
	if err != nil {
		return errorResponse(err)
	}
	resp, err := e.respond(c)
	if err != nil {
		return errorResponse(err)
	}
	return resp
}
