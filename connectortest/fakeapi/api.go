package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// An API is the fake. It is an [http.Handler], and all its methods are safe for
// concurrent use.
type API struct {
	t         testing.TB // nil if there is none
	mux       *http.ServeMux
	endpoints []endpoint
	doors     []door
	latency   time.Duration
	limit     *limit
	faults    *faults
	anything  bool            // whether every unknown parameter is ignored
	ignored   map[string]bool // or only some
	errs      []error

	mu       sync.Mutex
	requests []Request
}

// An Option says what an API has and how it behaves: [Collection] and [Object],
// [Bearer], [Basic], [Header] and [Query], [RateLimit], [Latency], [Faults], and
// [IgnoreParameters].
type Option func(*API)

// New returns an API. What is wrong with the options, all of it, fails the test
// t at once. Without a test, as in an Example, t is nil; then New panics
// instead.
func New(t testing.TB, options ...Option) *API { //nolint:thelper // t may be nil
	a := &API{t: t, mux: http.NewServeMux(), ignored: map[string]bool{}}
	for _, option := range options {
		option(a)
	}
	a.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {}) // only its pattern is asked for
	if err := errors.Join(a.errs...); err != nil {
		if t == nil {
			panic(fmt.Errorf("fakeapi: %w", err))
		}
		t.Helper()
		t.Fatalf("fakeapi: %v", err)
	}
	return a
}

// Set replaces the rows of a collection, or the value of an object, for the
// requests from now on. The path is the one that [Collection] or [Object] was
// given. Walks that are under way go on in the new rows.
//
// Rows that can't be served, and a path that there is none of, fail the test
// that [New] was given, and change nothing; without a test Set panics.
func (a *API) Set(path string, rows any) {
	err := fmt.Errorf("there is nothing at %s to set: %s", path, a.paths())
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
	a.t.Errorf("fakeapi: %v", err) // Fatalf were only for the test's own goroutine
}

// An endpoint is what there is at a path.
type endpoint interface {
	path() string
	set(value any) error
	methods() []string
	// parameters returns the names of those that it knows.
	parameters() []string
	answer(*call) (answer, error)
}

// add routes requests to an endpoint.
func (a *API) add(e endpoint) {
	defer func() {
		if p := recover(); p != nil { // how a mux refuses
			a.errs = append(a.errs, fmt.Errorf("%s: the path is no good, or taken: %v", e.path(), p))
		}
	}()
	pattern := e.path()
	if !strings.HasPrefix(pattern, "/") {
		a.errs = append(a.errs, fmt.Errorf("%q: want a path, which begins with a slash", pattern))
		return
	}
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}" // it is no prefix of others
	}
	a.mux.Handle(pattern, handler{e})
	a.endpoints = append(a.endpoints, e)
}

// A handler lets a mux find an endpoint.
type handler struct{ endpoint }

// ServeHTTP notes the endpoint that was found, in the response writer that [API.find] passes.
func (h handler) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if f, ok := w.(*found); ok {
		f.endpoint = h.endpoint
	}
}

// found is a response writer that nothing is written to.
type found struct{ endpoint endpoint }

func (f *found) Header() http.Header         { return http.Header{} }
func (f *found) Write(b []byte) (int, error) { return len(b), nil }
func (f *found) WriteHeader(int)             {}

// find returns the endpoint of a request, whose path values it sets, or nil.
func (a *API) find(r *http.Request) endpoint {
	// A mux redirects from a path with a slash too many. Real APIs seldom do.
	if p := r.URL.EscapedPath(); p != "/" && path.Clean(p) != strings.TrimSuffix(p, "/") {
		return nil
	}
	var f found
	a.mux.ServeHTTP(&f, r)
	return f.endpoint
}

// paths says which paths there are.
func (a *API) paths() string {
	if len(a.endpoints) == 0 {
		return "there are no paths"
	}
	var all []string
	for _, e := range a.endpoints {
		all = append(all, e.path())
	}
	slices.Sort(all)
	return "there are " + strings.Join(all, ", ")
}

// An answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// A refusal is an error for the client.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// refused returns the answer that tells an error.
func refused(err error) answer {
	status := http.StatusInternalServerError
	if r := (*refusal)(nil); errors.As(err, &r) {
		status = r.status
	}
	body, _ := marshal(map[string]string{"error": err.Error()}) // which can't fail
	return answer{status: status, header: http.Header{}, body: body}
}

// ServeHTTP answers a request, as [http.Handler] has it.
//
// A connection that [Faults] breaks is one where ServeHTTP panics with
// [http.ErrAbortHandler], before or after a part of the answer is written. A
// server of net/http makes that what it stands for; a round tripper that calls
// ServeHTTP with a recorder has to recover it and to return an error, or a body
// that ends with one.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	number := a.record(r, body)
	if err == nil {
		err = a.wait(r)
	}
	header := http.Header{}
	if err == nil {
		err = a.letIn(r, header)
	}
	if err == nil && a.limit != nil {
		err = a.limit.take(header)
	}
	var fault fault
	if err == nil && a.faults != nil {
		fault = a.faults.next(a.key(r, body))
	}
	var answer answer
	switch {
	case err != nil:
		answer = refused(err)
	case fault.kind == reset, fault.kind == cut && r.Method == http.MethodHead: // which has no body to cut
		panic(http.ErrAbortHandler)
	case fault.kind == status:
		answer = fault.answer()
	default:
		answer = a.answer(r, body)
	}
	for name, values := range answer.header {
		header[name] = values
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
	if fault.kind != cut {
		a.answered(number, answer.status)
	}
	w.WriteHeader(answer.status)
	if fault.kind == cut {
		_, _ = w.Write(answer.body[:int(fault.at*float64(len(answer.body)))])
		_ = http.NewResponseController(w).Flush() // for the client to see what there is; one that can't flush has it all
		panic(http.ErrAbortHandler)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(answer.body) // unless the client is gone
	}
}

// answer returns the answer to a request that is let in.
func (a *API) answer(r *http.Request, body []byte) answer {
	e := a.find(r)
	if e == nil {
		return refused(refuse(http.StatusNotFound, "there is no %s: %s", r.URL.Path, a.paths()))
	}
	if methods := e.methods(); !slices.Contains(methods, r.Method) {
		answer := refused(refuse(http.StatusMethodNotAllowed, "%s is not for %s: want %s", r.URL.Path, r.Method, strings.Join(methods, " or ")))
		answer.header.Set("Allow", strings.Join(methods, ", "))
		return answer
	}
	c, err := a.call(r, body, e)
	if err != nil {
		return refused(err)
	}
	got, err := e.answer(c)
	if err != nil {
		return refused(err)
	}
	return got
}
