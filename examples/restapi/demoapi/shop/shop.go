// Package shop is the API of a made-up shop: customers, and orders with their
// items, as much of both as a test or a demonstration wants. Every row follows
// from its number and the seed, so that ten million orders take no memory; only
// what [Shop.Touch] and [Shop.Delete] change is kept.
//
//	api := shop.New(shop.Config{APIKey: "demo", Customers: 50, Orders: 1000})
//	srv := httptest.NewServer(api)
//
// Every request bears "Authorization: Bearer <api key>", or is answered with
// status 401. There are:
//
//	GET /ping
//	GET /customers?page=N&per_page=M
//	GET /orders?updated_since=<RFC 3339>&limit=M[&page_token=T]
//
// Customers come by page number, from 1 on, with "total_pages". Orders come
// sorted by updated_at, from updated_since on, itself included; equal values
// occur, also across pages, and stand by id. Without updated_since they come
// from the beginning. "next" is the link to the next page, or null; it stays
// good for as long as the orders do, also for another client and after a
// restart. An order that changes in the middle of a walk moves to its end.
//
// Pages have 100 rows unless they are asked for another number (per_page,
// limit), and 1,000 at most: larger numbers count as 1,000.
//
// An answer that is no success is {"error":"…"}: status 400 for a parameter
// that is no good, 404 for another path, 405 for another method.
//
// One in fifty orders, those whose number divided by 50 leaves 7, is a deleted
// one from the start. All times lie in 2024 and 2025, however many rows there
// are.
package shop

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// FirstOrderID is the id of the first order, that of number 0; each of the
// others has the one after. It is the least integer that a float64 can't hold.
const FirstOrderID = 1<<53 + 1

// maxRows is how many customers and orders there can be. With more, the times
// of two runs of orders wouldn't be a microsecond apart.
const maxRows = 1 << 40

// Config says what a shop has and how it behaves.
type Config struct {
	// APIKey is the key that requests have to bear. Required.
	APIKey string
	// Customers and Orders are how many there are. Optional.
	Customers, Orders int
	// Faults is the share of requests, from 0 to 1, that fail for no reason:
	// with status 429 and a Retry-After of a second, 500, 503, or a connection
	// that is cut in the middle of the body. A request that is made again after
	// each failure gets through at the fourth time at the latest, also while
	// some others make the same; so one that is made over and over fails less
	// often than others. Optional.
	Faults float64
	// Seed decides what the rows hold and which requests fail. Optional.
	Seed uint64
}

// Validate returns what is wrong with the configuration, all of it.
func (c Config) Validate() error {
	var errs []error
	if c.APIKey == "" {
		errs = append(errs, errors.New("an API key is required"))
	}
	for _, count := range []struct {
		of string
		n  int
	}{{"customers", c.Customers}, {"orders", c.Orders}} {
		if count.n < 0 || int64(count.n) > maxRows {
			errs = append(errs, fmt.Errorf("the number of %s is %d: want one from 0 to %d", count.of, count.n, int64(maxRows)))
		}
	}
	if !(c.Faults >= 0 && c.Faults <= 1) { // which no NaN is
		errs = append(errs, fmt.Errorf("the share of faults is %v: want one from 0 to 1", c.Faults))
	}
	return errors.Join(errs...)
}

// A Shop is the API. It is an [http.Handler] and safe for concurrent use.
type Shop struct {
	rows
	authorization [sha256.Size]byte // digest of the header's only good value
	faults        *faults
	requests      map[string]*atomic.Int64 // by path; "" is any other

	mu      sync.RWMutex
	changes map[int]change // by the order's number, its latest
	moves   []move         // of changed orders to the end of the list, oldest first
}

// A change is what has become of an order.
type change struct {
	at       int64 // when, as updated_at
	revision int   // counts the order's changes
	deleted  bool
}

// A move is a changed order's place in the list. It is out of date if the order
// has changed again since.
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

// Requests returns how many requests there have been, of any kind.
func (s *Shop) Requests() (n int64) {
	for count := range maps.Values(s.requests) {
		n += count.Load()
	}
	return n
}

// RequestsTo returns how many of the requests were to /ping, /customers or
// /orders. Those to other paths are not told apart; it returns 0 for these.
func (s *Shop) RequestsTo(path string) int64 {
	if count := s.requests[path]; count != nil && path != "" {
		return count.Load()
	}
	return 0
}

// Faults returns how many of the requests failed for no reason.
func (s *Shop) Faults() int64 { return s.faults.count.Load() }

// Touch changes the order of the given number, from 0 on: it gets another
// status and an updated_at later than that of any other order, which Touch
// returns. A deleted order stays deleted. It panics if there is no such order.
func (s *Shop) Touch(order int) (updatedAt time.Time) { return s.change(order, false) }

// Delete changes the order of the given number as [Shop.Touch] does, and marks
// it as deleted.
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
	// An order that changes all the time is to take no more memory than one
	// that changes once.
	if len(s.moves) > 2*len(s.changes)+16 {
		s.moves = slices.DeleteFunc(s.moves, func(m move) bool { return s.changes[m.number].at != m.at })
	}
	return time.UnixMicro(c.at).UTC()
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// ServeHTTP answers one request.
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
		panic(http.ErrAbortHandler) // which cuts the connection
	}
	_, _ = w.Write(body) // the client may have gone
}

// authorized compares digests: the time it takes tells neither how much of a
// key is right nor how long the right one is.
func (s *Shop) authorized(r *http.Request) bool {
	given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
	return subtle.ConstantTimeCompare(given[:], s.authorization[:]) == 1
}
