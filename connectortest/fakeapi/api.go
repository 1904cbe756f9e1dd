package fakeapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	oauth       *oauth
	latency     time.Duration
	limit       *limit
	faults      *faults
	failures    failures // of FailOn
	compress    bool
	ignoreAll   bool            // ignore every unknown parameter
	ignored     map[string]bool // ignore these parameters
	errs        []error

	mu       sync.Mutex
	requests []Request
	received map[string]int // how many requests FailOn has counted, by its path
}

// An Option configures an API:
//
//   - [Collection], [Object], [Export], [GraphQL] and [OAuth] add paths
//   - [Bearer], [Basic], [Header], [Query] and [OAuth] require credentials
//   - [RateLimit], [Latency], [Faults] and [FailOn] imitate a real API under load
//   - [Compress] compresses responses
//   - [IgnoreParameters] makes the API less strict
type Option func(*API)

// New returns an API. Invalid options fail the test t immediately, with a message
// that lists all of them. If t is nil, as in an Example, New panics instead.
func New(t testing.TB, options ...Option) *API { //nolint:thelper // t may be nil
	a := &API{t: t, mux: http.NewServeMux(), ignored: map[string]bool{}, received: map[string]int{}}
	for _, option := range options {
		option(a)
	}
	a.mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {}) // without it, the mux would write a 404
	a.checkFailures()
	if err := errors.Join(a.errs...); err != nil {
		if t == nil {
			panic(fmt.Errorf("fakeapi: %w", err))
		}
		t.Helper()
		t.Fatalf("fakeapi: %v", err)
	}
	return a
}

// Set replaces the rows of a [Collection] or an [Export], or the value of an [Object].
// The path is the one that was passed to that option. For a [Connection] of a
// [GraphQL] endpoint, it is the path of the endpoint, a # and the name of the
// connection, such as "/graphql#orders". Later requests see the new rows, even if
// they request the next page of a list that a client began earlier. An export keeps
// the rows that it had when the client created it.
//
// Unknown paths, and rows that cannot be marshaled, change nothing and fail the
// test that was passed to [New]. Without a test, Set panics.
func (a *API) Set(path string, rows any) {
	if a.t != nil {
		a.t.Helper()
	}
	var all []string
	for _, e := range a.endpoints {
		e, ok := e.(settable)
		if !ok {
			continue
		}
		if slices.Contains(e.setPaths(), path) {
			a.report(e.set(path, rows))
			return
		}
		all = append(all, e.setPaths()...)
	}
	slices.Sort(all)
	a.report(fmt.Errorf("cannot set %s, which is not a path with rows or a value: the API has %s", path, strings.Join(all, ", ")))
}

// report fails the test with an error, or panics without a test.
func (a *API) report(err error) {
	if err == nil {
		return
	}
	if a.t == nil {
		panic(fmt.Errorf("fakeapi: %w", err))
	}
	a.t.Helper()
	a.t.Errorf("fakeapi: %v", err) // only the test's own goroutine may call Fatalf
}
