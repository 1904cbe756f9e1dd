package fakerest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An API is a source to test against. It is safe for concurrent use.
type API struct {
	mux     *http.ServeMux
	lists   map[string]*list
	latency time.Duration
	limit   *limit
	faults  *faults
	checks  []func(*http.Request) bool
	realm   string
	lenient bool
	// credentials are the query parameters that bear one.
	credentials map[string]bool

	mu       sync.Mutex
	requests []Request
}

// A Request is one that an API was asked, without its credentials.
type Request struct {
	// Method, Path and Query are those of the request.
	Method, Path string
	Query        url.Values
	// Status is what it was answered with, 0 if the connection was broken.
	Status int
}

// An Option says what an API has.
type Option func(t testing.TB, a *API)

// New returns an API. Options that contradict each other, and rows that have no
// JSON form, fail the test.
func New(t testing.TB, options ...Option) *API {
	t.Helper()
	a := &API{mux: http.NewServeMux(), lists: map[string]*list{}, credentials: map[string]bool{}}
	for _, option := range options {
		option(t, a)
	}
	return a
}

// Object answers GET requests for a path with a value's JSON, for what is no list:
// a ping, an account, a token.
func Object(path string, value any) Option {
	return func(t testing.TB, a *API) {
		t.Helper()
		text, err := marshal(value)
		if err != nil {
			t.Fatalf("fakerest: %s: %v", path, err)
		}
		a.handle(t, path, func(w http.ResponseWriter, r *http.Request) {
			if unknown := a.unknown(r, nil); unknown != "" {
				fail(w, http.StatusBadRequest, unknown)
				return
			}
			answer(w, text)
		})
	}
}

// AnyParameter lets query parameters pass that the API does not know. The default
// is to answer 400, for a connector that misspells one would read too much.
func AnyParameter() Option {
	return func(_ testing.TB, a *API) { a.lenient = true }
}

// Latency makes each answer take that long. It ends when the request does.
func Latency(d time.Duration) Option {
	return func(_ testing.TB, a *API) { a.latency = d }
}

// Bearer lets nobody in but with the header Authorization: Bearer and the token.
func Bearer(token string) Option {
	return func(_ testing.TB, a *API) {
		a.realm = `Bearer realm="fake"`
		a.checks = append(a.checks, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token })
	}
}

// Basic lets nobody in but with a user's name and password (RFC 7617).
func Basic(user, password string) Option {
	return func(_ testing.TB, a *API) {
		a.realm = `Basic realm="fake"`
		a.checks = append(a.checks, func(r *http.Request) bool {
			u, p, ok := r.BasicAuth()
			return ok && u == user && p == password
		})
	}
}

// Header lets nobody in but with a header of that value, such as X-API-Key.
func Header(name, value string) Option {
	return func(_ testing.TB, a *API) {
		a.checks = append(a.checks, func(r *http.Request) bool { return r.Header.Get(name) == value })
	}
}

// Query lets nobody in but with a query parameter of that value, such as api_key.
func Query(name, value string) Option {
	return func(_ testing.TB, a *API) {
		a.credentials[name] = true
		a.checks = append(a.checks, func(r *http.Request) bool { return r.URL.Query().Get(name) == value })
	}
}

// handle serves GET requests for a path.
func (a *API) handle(t testing.TB, path string, serve http.HandlerFunc) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil { // as ServeMux does for what it can't serve
			t.Fatalf("fakerest: %s: %v", path, p)
		}
	}()
	a.mux.HandleFunc("GET "+path, serve)
}

// ServeHTTP answers a request. It is that of [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	noted := &noting{ResponseWriter: w}
	defer func() { a.note(r, noted.status) }()
	if a.latency > 0 {
		timer := time.NewTimer(a.latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // nobody waits for the answer
		}
	}
	for _, check := range a.checks {
		if !check(r) {
			if a.realm != "" {
				noted.Header().Set("WWW-Authenticate", a.realm)
			}
			fail(noted, http.StatusUnauthorized, "the credentials are wrong or missing")
			return
		}
	}
	if a.limit != nil && !a.limit.allow(noted) {
		return
	}
	if a.faults != nil {
		a.faults.serve(a.serve, noted, r)
		return
	}
	a.serve(noted, r)
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	if _, pattern := a.mux.Handler(r); pattern == "" && r.Method == http.MethodGet {
		fail(w, http.StatusNotFound, fmt.Sprintf("there is no %s; the lists are %s", r.URL.Path, strings.Join(slices.Sorted(maps.Keys(a.lists)), ", ")))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// note keeps what was asked.
func (a *API) note(r *http.Request, status int) {
	query := r.URL.Query()
	for name := range a.credentials {
		query.Del(name)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests = append(a.requests, Request{Method: r.Method, Path: r.URL.Path, Query: query, Status: status})
}

// Requests returns what the API was asked, in order.
func (a *API) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.requests)
}

// Set replaces the rows of a list. Rows that have no JSON form, and a path that no
// Rows has, fail the test.
func (a *API) Set(t testing.TB, path string, rows any) {
	t.Helper()
	l := a.lists[path]
	if l == nil {
		t.Fatalf("fakerest: there is no list %s", path)
	}
	parsed, err := parseRows(rows)
	if err != nil {
		t.Fatalf("fakerest: %s: %v", path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = parsed
}

// unknown says which parameter of a request nobody knows, or "".
func (a *API) unknown(r *http.Request, known []string) string {
	if a.lenient {
		return ""
	}
	for name := range r.URL.Query() {
		if !a.credentials[name] && !slices.Contains(known, name) {
			return fmt.Sprintf("there is no parameter %q; there are %q", name, known)
		}
	}
	return ""
}

// noting remembers the status.
type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	if n.status == 0 {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func answer(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // a client that is gone does not want it
}

// fail answers with an error's status and sentence.
func fail(w http.ResponseWriter, status int, sentence string) {
	text, _ := json.Marshal(map[string]string{"error": sentence}) // a text
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// marshal returns a value's JSON, in which < and & stay as they are.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
