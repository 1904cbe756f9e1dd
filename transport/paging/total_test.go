package paging_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A totalSource serves records on pages of a size, by offset and by number, with a total
// that depends on the number of the page, counted from 1. The total is a JSON value, or ""
// for none.
type totalSource struct {
	records, size int
	total         func(page int) string
	requests      atomic.Int64
}

func always(total string) func(int) string { return func(int) string { return total } }

// exceptFirst returns a total for the first page and another one for the rest.
func exceptFirst(first, rest string) func(int) string {
	return func(page int) string {
		if page == 1 {
			return first
		}
		return rest
	}
}

func (s *totalSource) handle(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	offset := number(r, "offset")
	if page := number(r, "page"); page > 0 {
		offset = (page - 1) * s.size
	}
	data, _ := json.Marshal(transporttest.IDRecords(offset+1, min(offset+s.size, s.records)))
	if total := s.total(offset/s.size + 1); total != "" {
		fmt.Fprintf(w, `{"data":%s,"total":%s}`, data, total)
		return
	}
	fmt.Fprintf(w, `{"data":%s}`, data)
}

func (s *totalSource) read(t *testing.T, paging transport.Paging, query url.Values) ([]int64, error) {
	t.Helper()
	client := transporttest.InMemory(t, s.handle)
	got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Path: "/x", Query: query, RecordsAt: "data"}, paging))
	return transporttest.IDs(got), err
}

// Some sources write the total as a string or with a fraction (RFC 8259 §6), or send 0,
// -1 or null if they do not know it. Search engines limit the total although they have
// more records.
func TestATotalThatCannotBeRightDoesNotEndThePages(t *testing.T) {
	for _, c := range []struct {
		name   string
		offset func(int) string // the number of records
		pages  func(int) string // the number of pages
		err    string
		atMost int64 // requests
	}{
		{name: "number", offset: always(`5`), pages: always(`3`), atMost: 3},
		{name: "string", offset: always(`"5"`), pages: always(`"3"`), atMost: 3},
		{name: "with a fraction", offset: always(`5.0`), pages: always(`3.0`), atMost: 3},
		{name: "with an exponent", offset: always(`5e0`), pages: always(`30e-1`), atMost: 3},
		{name: "0 for unknown", offset: always(`0`), pages: always(`0`), atMost: 4},
		{name: `"0" for unknown`, offset: always(`"0"`), pages: always(`"0"`), atMost: 4},
		{name: "-1 for unknown", offset: always(`-1`), pages: always(`-1`), atMost: 4},
		{name: "null", offset: always(`null`), pages: always(`null`), atMost: 4},
		{name: "empty string", offset: always(`""`), pages: always(`""`), atMost: 4},
		{name: "only on the first page", offset: exceptFirst(`5`, ``), pages: exceptFirst(`3`, ``), atMost: 4},
		{name: "null after the first page", offset: exceptFirst(`5`, `null`), pages: exceptFirst(`3`, `null`), atMost: 4},
		{name: "0 after the first page", offset: exceptFirst(`5`, `0`), pages: exceptFirst(`3`, `0`), atMost: 4},
		{name: "limited within a page", offset: always(`3`), pages: always(`0`), atMost: 4},
		{name: "the records of the page", offset: exceptFirst(`5`, `2`), pages: exceptFirst(`3`, `1`), atMost: 4},
		{name: "grows", offset: exceptFirst(`3`, `5`), pages: exceptFirst(`2`, `3`), atMost: 3},
		{name: "shrinks", offset: exceptFirst(`9`, `5`), pages: exceptFirst(`5`, `3`), atMost: 5},
		{name: "missing", offset: always(``), pages: always(``), err: "total is missing"},
		{name: "with a separator", offset: always(`"1,005"`), pages: always(`"1,005"`), err: "not a count"},
		{name: "not whole", offset: always(`5.5`), pages: always(`2.5`), err: "not a count"},
		{name: "a word", offset: always(`"inf"`), pages: always(`"0x3"`), err: "not a count"},
		{name: "an object", offset: always(`{"value":5}`), pages: always(`{"value":3}`), err: "an array or an object"},
		{name: "too large", offset: always(`1e30`), pages: always(`1e30`), err: "not a count"},
	} {
		for _, kind := range []struct {
			name   string
			paging transport.Paging
			total  func(int) string
		}{
			{"offset", paging.Offset{TotalAt: "total"}, c.offset},
			{"offset, prefetch", transport.Prefetch(paging.Offset{TotalAt: "total"}, 2), c.offset},
			{"offset, parallel", transport.Parallel(paging.Offset{TotalAt: "total"}, 2), c.offset},
			{"page number", paging.PageNumber{TotalPagesAt: "total"}, c.pages},
			{"page number, parallel", transport.Parallel(paging.PageNumber{TotalPagesAt: "total"}, 3), c.pages},
		} {
			t.Run(c.name+"/"+kind.name, func(t *testing.T) {
				source := &totalSource{records: 5, size: 2, total: kind.total}
				got, err := source.read(t, kind.paging, nil)
				if c.err != "" {
					assert.ErrorContains(t, err, c.err)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, transporttest.UpTo(5), got)
				assert.LessOrEqual(t, source.requests.Load(), c.atMost)
			})
		}
	}
}

func TestATotalThatMayBeALimitOfTheSourceIsReadPast(t *testing.T) {
	for _, c := range []struct {
		name                         string
		records, size, total, expect int
		query                        url.Values
		requests                     int64
	}{
		{"more records than the limit", 2500, 500, 2000, 2500, nil, 6},
		{"as many records as the limit", 2000, 500, 2000, 2000, nil, 5},
		{"a last page that is not full", 2000, 300, 2000, 2000, nil, 7},
		{"a total that is right, with a full last page", 1500, 500, 1500, 1500, nil, 4},
		{"a total that is right, with a last page that is not full", 1400, 500, 1400, 1400, nil, 3},
		{"the total of the page", 5, 2, 2, 5, url.Values{"limit": {"2"}}, 4},
		{"one page that is full", 2, 2, 2, 2, url.Values{"limit": {"2"}}, 2},
		{"one page that is not full", 2, 3, 2, 2, url.Values{"limit": {"3"}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			offset := paging.Offset{TotalAt: "total"}
			if c.query != nil {
				offset.SizeParam = "limit"
			}
			source := &totalSource{records: c.records, size: c.size, total: always(fmt.Sprint(c.total))}
			got, err := source.read(t, offset, c.query)
			require.NoError(t, err)
			assert.Len(t, got, c.expect)
			assert.Equal(t, c.requests, source.requests.Load())
		})
	}
}

func TestAnEmptyListWithATotalIsOneRequest(t *testing.T) {
	for _, total := range []string{`0`, `null`, `-1`, `"0"`} {
		for _, paging := range []transport.Paging{
			paging.Offset{TotalAt: "total"}, paging.PageNumber{TotalPagesAt: "total"}, paging.PageNumber{FromZero: true, TotalPagesAt: "total"},
			transport.Parallel(paging.Offset{TotalAt: "total"}, 2), transport.Parallel(paging.PageNumber{TotalPagesAt: "total"}, 2),
		} {
			source := &totalSource{records: 0, size: 2, total: always(total)}
			got, err := source.read(t, paging, nil)
			assert.NoError(t, err)
			assert.Empty(t, got)
			assert.Equal(t, int64(1), source.requests.Load())
		}
	}
}

// The source announces more pages than it serves.
func TestPagesThatAreAnnouncedButEmptyAreAWarning(t *testing.T) {
	for pages, warned := range map[int]bool{3: false, 4: false, 5: true, 9: true} {
		var warnings transporttest.LogRecord
		source := &totalSource{records: 5, size: 2, total: always(fmt.Sprint(pages))}
		client := transporttest.InMemory(t, source.handle, warnings.Warnings())
		got, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{RecordsAt: "data"}, paging.PageNumber{TotalPagesAt: "total"}))
		require.NoError(t, err)
		assert.Len(t, got, 5)
		if warned {
			assert.Contains(t, warnings.String(), fmt.Sprintf("the last %d pages have no records", pages-3))
		} else {
			assert.Empty(t, warnings.String(), "a source that rounds up announces one page too many")
		}
	}
}

func TestASizeParamThatTheRequestDoesNotHaveIsAnError(t *testing.T) {
	read := func(p transport.Paging, query url.Values, opts ...transport.Option) error {
		source := &totalSource{records: 5, size: 2, total: always(`5`)}
		client := transporttest.InMemory(t, source.handle, opts...)
		_, err := transporttest.Collect(transport.Records[transporttest.Item](ctx, client, transport.Request{Query: query, RecordsAt: "data"}, p))
		return err
	}
	for _, p := range []transport.Paging{
		paging.PageNumber{SizeParam: "per_page"}, paging.Offset{SizeParam: "per_page"}, paging.Offset{SizeParam: "per_page", TotalAt: "total"},
		paging.PageNumber{SizeParam: "per_page", TotalPagesAt: "total"}, transport.Parallel(paging.Offset{SizeParam: "per_page", TotalAt: "total"}, 2),
	} {
		assert.ErrorContains(t, read(p, nil), "the request has no parameter per_page")
		assert.ErrorContains(t, read(p, url.Values{"perpage": {"2"}}), "the request has no parameter per_page")
		assert.ErrorContains(t, read(p, url.Values{"per_page": {"all"}}), "per_page in the request is not a number of records")
		assert.NoError(t, read(p, url.Values{"per_page": {"2"}}))
		assert.NoError(t, read(p, nil, transport.WithQuery("per_page", "2")), "the client adds the parameter")
	}
}
