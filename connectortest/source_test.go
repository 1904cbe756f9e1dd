package connectortest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
)

const sourceURL = "http://source.test"

// source is an API in memory. It serves accounts by page, orders with their items by
// the time of their last update, and events by number. Up to three consecutive orders
// have the same time. Requests need a key.
type source struct {
	key                      string
	accounts, orders, events int
	next                     nextPointer // of the accounts
}

// A nextPointer is the way in which the source says that there is another page.
type nextPointer int

const (
	moreFlag nextPointer = iota // "more": true
	nextToken
	nextURL
	linkHeader
)

// RoundTrip makes the source a network, too.
func (s source) RoundTrip(r *http.Request) (*http.Response, error) { return roundTrip(s, r) }

// roundTrip returns the response of a handler.
func roundTrip(h http.Handler, r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (s source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/public" && r.Header.Get("Authorization") != "Bearer "+s.key {
		http.Error(w, `{"error":"unknown key"}`, http.StatusUnauthorized)
		return
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(r.URL.Query().Get(name))
		return n
	}
	page := page{Rows: []row{}}
	size, offset, since := max(number("size"), 1), number("offset")+number("token"), number("since")
	following := strconv.Itoa(offset + size)
	// take serves a page of the rows whose position is at least since.
	take := func(count int, at func(i int) int, make func(i int) row) {
		for i := range count {
			if at(i) < since {
				continue
			}
			if offset--; offset >= 0 {
				continue
			}
			if len(page.Rows) == size {
				page.More = true
				return
			}
			page.Rows = append(page.Rows, make(i))
		}
	}
	switch r.URL.Path {
	case "/ping", "/public":
	case "/accounts":
		take(s.accounts, func(int) int { return 0 }, func(i int) row {
			// The IDs are not distinct as float64.
			return row{"id": 1<<53 + i, "name": fmt.Sprintf("account %d", i+1), "signed_up": fmt.Sprintf("2026-01-%02d", i+1)}
		})
		if page.More && s.next != moreFlag {
			page.More = false
			switch s.next {
			case nextToken:
				page.NextToken = following
			case nextURL:
				page.Next = "/accounts?size=" + strconv.Itoa(size) + "&offset=" + following
			default:
				w.Header().Set("Link", "</accounts?size="+strconv.Itoa(size)+"&offset="+following+`>; rel="next"`)
			}
		}
	case "/orders":
		take(s.orders, func(i int) int { return 10 + i/3 }, func(i int) row {
			// The totals have more digits than a float64.
			items := []row{}
			for line := range i%3 + 1 {
				items = append(items, row{"order_id": i + 1, "line": line + 1, "sku": fmt.Sprintf("sku-%d", i*7+line)})
			}
			return row{"id": i + 1, "updated": 10 + i/3, "total": fmt.Sprintf("%d.50", 1<<53+i), "note": "n" + strconv.Itoa(i), "deleted": i%8 == 5, "items": items}
		})
	case "/events":
		take(s.events, func(i int) int { return i + 1 }, func(i int) row {
			return row{"seq": i + 1, "what": "e" + strconv.Itoa(i%2)}
		})
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(page)
}

type row = map[string]any

type page struct {
	Rows      []row  `json:"rows"`
	More      bool   `json:"more,omitzero"`
	Next      string `json:"next,omitzero"`
	NextToken string `json:"next_token,omitzero"`
}
