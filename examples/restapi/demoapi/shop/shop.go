// Package shop is the API of a made-up shop: customers, and orders with their
// items, as much of both as a test or a demonstration wants. Every row follows
// from its number and the seed, so that ten million orders take no memory.
//
//	api := shop.New(shop.Config{APIKey: "demo", Customers: 50, Orders: 1000})
//	srv := httptest.NewServer(api)
//
// Every request bears "Authorization: Bearer <api key>". There are:
//
//	GET /ping
//	GET /customers?page=N&per_page=M
//	GET /orders?updated_since=<RFC 3339>&limit=M[&page_token=T]
//
// Customers come by page number. Orders come sorted by updated_at, from
// updated_since on, itself included; equal values occur, also across pages, and
// "next" is the link to the next page, or null. Pages have 100 rows unless they
// are asked for other numbers, and 1,000 at most.
package shop

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// FirstOrderID is the id of the first order. It is the least integer that a
// float64 can't hold.
const FirstOrderID = 1<<53 + 1

// Config says what a shop has and how it behaves.
type Config struct {
	// APIKey is the key that requests have to bear. Required.
	APIKey string
	// Customers and Orders are how many there are. Optional.
	Customers, Orders int
	// Faults is the share of requests, from 0 to 1, that fail for no reason:
	// with status 429 and a Retry-After of a second, 500, 503, or a connection
	// that is cut in the middle of the body. No request fails more than three
	// times in a row. Optional.
	Faults float64
	// Seed decides what the rows hold and which requests fail. Optional.
	Seed uint64
}

// A Shop is the API. It is an [http.Handler] and safe for concurrent use.
type Shop struct {
	config Config
	mux    *http.ServeMux
	faults *faults

	mu       sync.RWMutex
	changes  []change    // of orders, oldest first
	changeOf map[int]int // index of an order to that of its last change

	requests atomic.Int64
}

// A change is an order's new place at the end of the list.
type change struct {
	index   int // of the order
	at      time.Time
	deleted bool
	stale   bool // the order has changed again
}

// New returns a shop.
func New(config Config) *Shop {
	s := &Shop{config: config, mux: http.NewServeMux(), faults: newFaults(config), changeOf: map[int]int{}}
	s.mux.HandleFunc("GET /ping", s.ping)
	s.mux.HandleFunc("GET /customers", s.customers)
	s.mux.HandleFunc("GET /orders", s.orders)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ping", "/customers", "/orders":
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "want GET, not "+r.Method)
		default:
			fail(w, http.StatusNotFound, "there is no "+r.URL.Path)
		}
	})
	return s
}

// Requests returns how many requests there have been.
func (s *Shop) Requests() int64 { return s.requests.Load() }

// Faults returns how many of them failed for no reason.
func (s *Shop) Faults() int64 { return s.faults.count.Load() }

// Touch changes the order of the given number, from 0 on: it becomes the one
// with the latest updated_at.
func (s *Shop) Touch(order int) { s.change(order, false) }

// Delete marks the order of the given number as deleted, which changes it.
func (s *Shop) Delete(order int) { s.change(order, true) }

func (s *Shop) change(order int, deleted bool) {
	if order < 0 || order >= s.config.Orders {
		panic(fmt.Sprintf("shop: there is no order %d", order))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := updatedAt(s.config.Orders - 1)
	if n := len(s.changes); n > 0 {
		at = s.changes[n-1].at
	}
	if old, ok := s.changeOf[order]; ok {
		s.changes[old].stale = true
	}
	s.changeOf[order] = len(s.changes)
	s.changes = append(s.changes, change{index: order, at: at.Add(step), deleted: deleted})
}

// ServeHTTP answers one request.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
	want := sha256.Sum256([]byte("Bearer " + s.config.APIKey))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		w.Header().Set("WWW-Authenticate", "Bearer")
		fail(w, http.StatusUnauthorized, "the API key is missing or wrong")
		return
	}
	s.faults.serve(s.mux, w, r)
}

func (s *Shop) ping(w http.ResponseWriter, _ *http.Request) { send(w, []byte(`{"ok":true}`)) }

func (s *Shop) customers(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	page, err := number(query, "page", 1)
	perPage, err2 := number(query, "per_page", defaultLimit)
	if err := errors.Join(err, err2); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	perPage = min(perPage, maxLimit)
	pages := (s.config.Customers + perPage - 1) / perPage
	b := []byte(`{"data":[`)
	if page <= pages {
		for i := (page - 1) * perPage; i < min(page*perPage, s.config.Customers); i++ {
			if b[len(b)-1] != '[' {
				b = append(b, ',')
			}
			b = appendCustomer(b, i)
		}
	}
	send(w, fmt.Appendf(b, `],"page":%d,"total_pages":%d}`, page, pages))
}

const (
	defaultLimit = 100
	maxLimit     = 1000
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (s *Shop) orders(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := number(query, "limit", defaultLimit)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	limit = min(limit, maxLimit)
	var since time.Time
	if text := query.Get("updated_since"); text != "" {
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			fail(w, http.StatusBadRequest, "updated_since is not a time in the format of RFC 3339")
			return
		}
	}
	after, err := parseToken(query.Get("page_token"))
	if err != nil {
		fail(w, http.StatusBadRequest, "page_token is not one that this API gave")
		return
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b, last, more := s.appendOrders(append((*buf)[:0], `{"data":[`...), since, after, limit)
	b = append(b, `],"next":`...)
	if more {
		next := url.Values{"limit": {strconv.Itoa(limit)}, "page_token": {last.String()}}
		if text := query.Get("updated_since"); text != "" {
			next.Set("updated_since", text)
		}
		b = append(append(append(b, `"/orders?`...), next.Encode()...), '"')
	} else {
		b = append(b, "null"...)
	}
	b = append(b, '}')
	*buf = b
	send(w, b)
}

// appendOrders appends up to limit orders that changed at since or later and
// stand behind the position after.
func (s *Shop) appendOrders(b []byte, since time.Time, after position, limit int) (_ []byte, last position, more bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	count := 0
	add := func(index int, at time.Time, deleted bool) (full bool) {
		if count == limit {
			return true
		}
		if count > 0 {
			b = append(b, ',')
		}
		b = appendOrder(b, s.config, index, at, deleted)
		last = position{at.UnixMicro(), index}
		count++
		return false
	}
	first := firstSince(since)
	if after.micros != 0 {
		// Within a run of equal times orders stand by their number.
		first = max(first, firstSince(time.UnixMicro(after.micros)))
		for first < s.config.Orders && updatedAt(first).UnixMicro() == after.micros && first <= after.index {
			first++
		}
	}
	for i := first; i < s.config.Orders; i++ {
		if len(s.changeOf) > 0 {
			if _, changed := s.changeOf[i]; changed {
				continue
			}
		}
		if add(i, updatedAt(i), i%50 == 7) {
			return b, last, true
		}
	}
	for _, c := range s.changes {
		if c.stale || c.at.Before(since) || c.at.UnixMicro() <= after.micros {
			continue
		}
		if add(c.index, c.at, c.deleted) {
			return b, last, true
		}
	}
	return b, last, false
}

// A position is the last row of a page.
type position struct {
	micros int64 // updated_at
	index  int   // of the order
}

// String returns the page token that continues behind the position.
func (p position) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.micros, p.index))
}

func parseToken(token string) (p position, err error) {
	if token == "" {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return p, err
	}
	micros, index, _ := strings.Cut(string(text), ".")
	if p.micros, err = strconv.ParseInt(micros, 10, 64); err != nil || p.micros <= 0 {
		return p, errors.New("bad token")
	}
	p.index, err = strconv.Atoi(index)
	return p, err
}

// number returns a query parameter that counts from one.
func number(query url.Values, name string, otherwise int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<40 {
		return 0, fmt.Errorf("%s is not a number from 1 on", name)
	}
	return n, nil
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client may have gone
}

func fail(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "{\"error\":%q}\n", why)
}
