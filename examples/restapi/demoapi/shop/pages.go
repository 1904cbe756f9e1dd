package shop

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// appendAnswer appends the response to an authorized request. It does not use an
// [http.ServeMux], whose error responses are not JSON.
func (s *Shop) appendAnswer(b []byte, header http.Header, r *http.Request) (status int, _ []byte) {
	var answer func([]byte, url.Values) ([]byte, error)
	switch r.URL.Path {
	case "/ping":
		answer = func(b []byte, _ url.Values) ([]byte, error) { return append(b, `{"ok":true}`...), nil }
	case "/customers":
		answer = s.appendCustomers
	case "/orders":
		answer = s.appendOrders
	default:
		return http.StatusNotFound, appendError(b, "unknown path "+r.URL.Path)
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		return http.StatusMethodNotAllowed, appendError(b, "method "+r.Method+" is not allowed; use GET")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return http.StatusBadRequest, appendError(b, "the query is malformed: "+err.Error())
	}
	whole, err := answer(b, query)
	if err != nil {
		return http.StatusBadRequest, appendError(b, err.Error())
	}
	return http.StatusOK, whole
}

func appendError(b []byte, why string) []byte {
	return append(append(append(b, `{"error":`...), quoted(why)...), '}')
}

func (s *Shop) appendCustomers(b []byte, query url.Values) ([]byte, error) {
	page, err := number(query, "page", 1)
	perPage, err2 := number(query, "per_page", defaultLimit)
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	perPage = min(perPage, maxLimit)
	pages := (s.customers + perPage - 1) / perPage
	b = append(b, `{"data":[`...)
	if page <= pages {
		first := (page - 1) * perPage
		for i := first; i < min(first+perPage, s.customers); i++ {
			if i > first {
				b = append(b, ',')
			}
			b = s.appendCustomer(b, i)
		}
	}
	b = strconv.AppendInt(append(b, `],"page":`...), int64(page), 10)
	b = strconv.AppendInt(append(b, `,"total_pages":`...), int64(pages), 10)
	return append(b, '}'), nil
}

func (s *Shop) appendOrders(b []byte, query url.Values) ([]byte, error) {
	limit, err := number(query, "limit", defaultLimit)
	if err != nil {
		return nil, err
	}
	limit = min(limit, maxLimit)
	since := int64(math.MinInt64)
	if query.Has("updated_since") {
		text := query.Get("updated_since")
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, fmt.Errorf("updated_since is not an RFC 3339 time, in which + is escaped as %%2B: %q", text)
		}
		since = t.UnixMicro()
		if t.Nanosecond()%1000 > 0 {
			since++ // orders have whole microseconds, so round up
		}
	}
	var after position
	if query.Has("page_token") {
		if after, err = parseToken(query.Get("page_token")); err != nil {
			return nil, err
		}
	}
	b, last, more := s.appendOrdersFrom(append(b, `{"data":[`...), since, after, limit)
	if !more {
		return append(b, `],"next":null}`...), nil
	}
	b = strconv.AppendInt(append(b, `],"next":"/orders?limit=`...), int64(limit), 10)
	b = append(append(b, "&page_token="...), last.token()...)
	if query.Has("updated_since") {
		b = append(append(b, "&updated_since="...), url.QueryEscape(query.Get("updated_since"))...)
	}
	return append(b, `"}`...), nil
}

// appendOrdersFrom appends up to limit orders that were updated at since or later and
// follow the position after. It returns the position of the last one and whether there are
// more.
func (s *Shop) appendOrdersFrom(b []byte, since int64, after position, limit int) (_ []byte, last position, more bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	count := 0
	var clock clock
	// Unchanged orders come first. They are sorted by number.
	first := s.firstSince(since)
	if after != (position{}) {
		next := max(s.firstSince(after.at), min(after.number()+1, s.firstSince(after.at+1)))
		first = max(first, next)
	}
	for i := first; i < s.orders; i++ {
		if len(s.changes) > 0 {
			if _, changed := s.changes[i]; changed {
				continue
			}
		}
		if count == limit {
			return b, last, true
		}
		if count > 0 {
			b = append(b, ',')
		}
		at := s.updatedAt(i)
		b = s.appendOrder(b, i, clock.text(at), change{deleted: deletedFromTheStart(i)})
		last = position{at, FirstOrderID + int64(i)}
		count++
	}
	// Changed orders follow. Each has its own later time.
	from := max(since, after.at+1)
	begin, _ := slices.BinarySearchFunc(s.moves, from, func(m move, from int64) int { return cmp.Compare(m.at, from) })
	for _, m := range s.moves[begin:] {
		c := s.changes[m.number]
		if c.at != m.at {
			continue
		}
		if count == limit {
			return b, last, true
		}
		if count > 0 {
			b = append(b, ',')
		}
		b = s.appendOrder(b, m.number, clock.text(m.at), c)
		last = position{m.at, FirstOrderID + int64(m.number)}
		count++
	}
	return b, last, false
}

// number returns a query parameter that is a positive integer. Integers that do not fit an
// int count as the largest int: as a limit it is capped, and as a page it is empty.
func number(query url.Values, name string, otherwise int) (int, error) {
	if !query.Has(name) {
		return otherwise, nil
	}
	text := query.Get(name)
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || n == 0 {
		return 0, fmt.Errorf("%s is not a positive integer: %q", name, text)
	}
	return int(min(n, math.MaxInt)), nil
}
