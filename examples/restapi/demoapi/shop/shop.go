// Package shop implements a fictional shop's REST API with customers and orders, for tests
// and demonstrations. Each row is computed from its number and the seed, so a shop with
// ten million orders uses no memory for them. Only changes made by [Shop.Touch] and
// [Shop.Delete] are stored.
//
//	api := shop.New(shop.Config{APIKey: "demo", Customers: 50, Orders: 1000})
//	srv := httptest.NewServer(api)
//
// Every request must have the header "Authorization: Bearer <api key>". Otherwise, the
// status is 401. The API has these paths:
//
//	GET /ping
//	GET /customers?page=N&per_page=M
//	GET /orders?updated_since=<RFC 3339>&limit=M[&page_token=T]
//
// Customers are paged by number, starting at 1. Each response has "total_pages".
//
// Orders are sorted by updated_at and then by id. They start at updated_since, inclusive,
// or at the first order if that parameter is missing. Several orders can have the same
// updated_at, even across pages. The member "next" is the path of the next page, or null.
// It remains valid as long as the orders exist, for other clients and after a restart. An
// order that changes while a client reads the pages moves to the end.
//
// By default, a page has 100 rows. The parameters per_page and limit change this. The
// maximum is 1,000, and larger values count as 1,000.
//
// The body of an error is {"error":"…"}. The status is 400 for an invalid parameter, 404
// for an unknown path and 405 for an unsupported method.
//
// Every 50th order, starting with number 7, is deleted from the start. All times are in
// 2024 and 2025, regardless of the number of rows.
package shop

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// FirstOrderID is the id of the order with number 0. The others follow in sequence. It is
// the smallest positive integer that a float64 cannot represent.
const FirstOrderID = 1<<53 + 1

// A Shop is an [http.Handler] that serves the API. It is safe for concurrent use.
type Shop struct {
	rows
	authorization [sha256.Size]byte // digest of the valid Authorization header
	faults        *faults
	requests      map[string]*atomic.Int64 // by path; "" counts all other paths

	mu      sync.RWMutex
	changes map[int]change // the latest change of each order, by number
	moves   []move         // moves of changed orders to the end of the list, oldest first
}

// A change is the current state of an order that Touch or Delete has changed.
type change struct {
	at       int64 // the order's updated_at
	revision int   // the number of changes
	deleted  bool
}

// A move is the position of a changed order in the list. It is out of date if the order
// has changed again.
type move struct {
	at     int64
	number int // of the order
}

// New returns a shop. It panics if config is not valid.
func New(config Config) *Shop {
	if err := config.Validate(); err != nil {
		panic(fmt.Sprintf("shop: %v", err))
	}
	return &Shop{
		rows:          newRows(config),
		authorization: sha256.Sum256([]byte("Bearer " + config.APIKey)),
		faults:        newFaults(config),
		requests:      map[string]*atomic.Int64{"/ping": {}, "/customers": {}, "/orders": {}, "": {}},
		changes:       map[int]change{},
	}
}

// Requests returns the number of requests, including those that failed.
func (s *Shop) Requests() (n int64) {
	for count := range maps.Values(s.requests) {
		n += count.Load()
	}
	return n
}

// RequestsTo returns the number of requests to /ping, /customers or /orders. It returns 0
// for other paths, which are not counted separately.
func (s *Shop) RequestsTo(path string) int64 {
	if count := s.requests[path]; count != nil && path != "" {
		return count.Load()
	}
	return 0
}

// Faults returns the number of requests that failed because of [Config.Faults].
func (s *Shop) Faults() int64 { return s.faults.count.Load() }

// Touch changes the order with the given number, starting at 0. It gives the order another
// status and an updated_at that is later than that of all other orders, and returns the
// new updated_at. A deleted order remains deleted. Touch panics if there is no such order.
func (s *Shop) Touch(order int) (updatedAt time.Time) { return s.change(order, false) }

// Delete changes the order with the given number like [Shop.Touch] and marks it as
// deleted.
func (s *Shop) Delete(order int) (updatedAt time.Time) { return s.change(order, true) }

func (s *Shop) change(order int, deleted bool) time.Time {
	if order < 0 || order >= s.orders {
		panic(fmt.Sprintf("shop: there is no order %d", order))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.lastUpdate
	if n := len(s.moves); n > 0 {
		last = s.moves[n-1].at
	}
	c, known := s.changes[order]
	if !known {
		c.deleted = deletedFromTheStart(order)
	}
	c = change{at: last + changeStep, revision: c.revision + 1, deleted: c.deleted || deleted}
	s.changes[order] = c
	s.moves = append(s.moves, move{c.at, order})
	// Bound the memory of an order that changes repeatedly.
	if len(s.moves) > 2*len(s.changes)+16 {
		s.moves = slices.DeleteFunc(s.moves, func(m move) bool { return s.changes[m.number].at != m.at })
	}
	return time.UnixMicro(c.at).UTC()
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// ServeHTTP implements [http.Handler].
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	count := s.requests[r.URL.Path]
	if count == nil {
		count = s.requests[""]
	}
	count.Add(1)

	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	var status int
	var cutAt float64
	if !s.authorized(r) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		status, *buf = http.StatusUnauthorized, appendError((*buf)[:0], "the API key is missing or wrong")
	} else if fault, at := s.faults.next(r); fault == 0 || fault == cut {
		status, *buf = s.appendAnswer((*buf)[:0], w.Header(), r)
		cutAt = at
	} else {
		status, *buf = fault.appendAnswer((*buf)[:0], w.Header())
	}

	body := *buf
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if cutAt > 0 {
		_, _ = w.Write(body[:1+int(cutAt*float64(len(body)-1))])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection
	}
	_, _ = w.Write(body) // the client may have disconnected
}

// authorized compares digests, so that its duration reveals neither the length of the key
// nor how much of a guess is correct.
func (s *Shop) authorized(r *http.Request) bool {
	given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
	return subtle.ConstantTimeCompare(given[:], s.authorization[:]) == 1
}
