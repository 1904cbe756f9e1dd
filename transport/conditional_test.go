package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A part of a state is a store.
var _ transport.ValidatorStore = (*state.Part)(nil)

// mapStore is a store in memory.
type mapStore map[string]json.RawMessage

func (m mapStore) Get(key string, v any) (bool, error) {
	raw, ok := m[key]
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal(raw, v)
}

func (m mapStore) Set(key string, v any) (err error) {
	m[key], err = json.Marshal(v)
	return err
}

// taggedSource is a source whose pages have the validators that a test chooses.
type taggedSource struct {
	pages    map[string]taggedPage // by the query
	requests []string              // the query, the condition and the status of each request
}

type taggedPage struct {
	etag, modified string
	body, link     string
}

func (s *taggedSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := s.pages[r.URL.RawQuery]
	condition := r.Header.Get("If-None-Match") + r.Header.Get("If-Modified-Since")
	status := http.StatusOK
	switch {
	case !ok:
		status = http.StatusNotFound
	case condition != "" && (condition == p.etag || condition == p.modified):
		status = http.StatusNotModified
	}
	s.requests = append(s.requests, strings.TrimSpace(fmt.Sprint(r.URL.RawQuery, " ", condition, " ", status)))
	for name, value := range map[string]string{"ETag": p.etag, "Last-Modified": p.modified, "Link": p.link} {
		if value != "" && (status == http.StatusOK || name != "Link") {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = io.WriteString(w, p.body)
	}
}

// take returns the requests since the last call.
func (s *taggedSource) take() []string {
	taken := s.requests
	s.requests = nil
	return taken
}

// reading reads a list with a store.
func reading(c *transport.Client, store transport.ValidatorStore, p transport.Paging) iter.Seq2[item, error] {
	return transport.Records[item](ctx, c, transport.Request{Path: "/l", RecordsAt: "data", Validators: store}, p)
}

func idsOf(t testing.TB, seq iter.Seq2[item, error]) []int64 {
	t.Helper()
	got, err := collect(seq)
	require.NoError(t, err)
	return ids(got)
}

const lastModified = "Wed, 21 Oct 2015 07:28:00 GMT"

func TestAnUnmodifiedResponseHasNoRecordsAndNoError(t *testing.T) {
	for name, page := range map[string]taggedPage{
		"strong ETag":         {etag: `"p1"`},
		"weak ETag":           {etag: `W/"p1"`},
		"ETag of an encoding": {etag: `"p1-gzip"`},
		"ETag without quotes": {etag: `5f3e-aa`},
		"date":                {modified: lastModified},
		"ETag before date":    {etag: `"p1"`, modified: lastModified},
	} {
		t.Run(name, func(t *testing.T) {
			page.body = `{"data":[{"id":1},{"id":2}]}`
			source := &taggedSource{pages: map[string]taggedPage{"": page}}
			c, store := inMemory(t, source.ServeHTTP), mapStore{}
			assert.Equal(t, upTo(2), idsOf(t, reading(c, store, nil)))
			before := string(store[transport.ValidatorsKey])
			assert.Empty(t, idsOf(t, reading(c, store, nil)))
			condition := page.etag
			if condition == "" {
				condition = page.modified
			}
			assert.Equal(t, []string{"200", condition + " 304"}, source.take())
			assert.Equal(t, before, string(store[transport.ValidatorsKey]), "the state stays the same")

			page.etag, page.modified = `"p2"`, ""
			source.pages[""] = page
			assert.Equal(t, upTo(2), idsOf(t, reading(c, store, nil)))
		})
	}
}

func TestAResponseWithoutAUsableValidatorIsAlwaysRead(t *testing.T) {
	for name, page := range map[string]taggedPage{
		"none": {}, "star": {etag: "*"}, "list": {etag: `a, *`}, "empty": {etag: `""`}, "open": {etag: `"a`}, "no date": {modified: "yesterday"},
		"long": {etag: `"` + strings.Repeat("x", 5000) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			page.body = `{"data":[{"id":1}]}`
			source := &taggedSource{pages: map[string]taggedPage{"": page}}
			c, store := inMemory(t, source.ServeHTTP), mapStore{}
			for range 2 {
				assert.Equal(t, upTo(1), idsOf(t, reading(c, store, nil)))
			}
			assert.Equal(t, []string{"200", "200"}, source.take())
		})
	}
}

func TestADateOfTheCurrentSecondIsNotStored(t *testing.T) {
	for date, conditional := range map[string]bool{lastModified: false, "Wed, 21 Oct 2015 07:28:01 GMT": true} {
		source := &taggedSource{pages: map[string]taggedPage{"": {modified: lastModified, body: `{"data":[{"id":1}]}`}}}
		c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", date)
			source.ServeHTTP(w, r)
		})
		store := mapStore{}
		idsOf(t, reading(c, store, nil))
		assert.Equal(t, !conditional, len(idsOf(t, reading(c, store, nil))) == 1, date)
	}
}

func TestAValidatorIsStoredOnlyIfAllRecordsWereConsumed(t *testing.T) {
	page := taggedPage{etag: `"p1"`, body: `{"data":[{"id":1},{"id":2}]}`}
	source := &taggedSource{pages: map[string]taggedPage{"": page}}
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	for it := range reading(c, store, nil) {
		assert.Empty(t, store, "the record is not delivered yet")
		if it.ID == 2 {
			break
		}
	}
	assert.Empty(t, store)
	assert.Equal(t, upTo(2), idsOf(t, reading(c, store, nil)))
	assert.NotEmpty(t, store)

	page.etag = `"p2"`
	source.pages[""] = page
	for range reading(c, store, nil) {
		break
	}
	page.etag = `"p1"`
	source.pages[""] = page
	assert.Equal(t, upTo(2), idsOf(t, reading(c, store, nil)), "the earlier content is delivered again, since a part of the later one has been")

	page.etag, page.body = `"p3"`, `{"data":[{"id":1},{"id":"x"}]}`
	source.pages[""] = page
	for range 2 {
		_, err := collect(reading(c, store, nil))
		require.Error(t, err, "a record that cannot be decoded is not delivered")
	}
}

// pagesOf returns a source of three pages with a record each, which every kind of paging
// can read.
func pagesOf(weak string) *taggedSource {
	s := &taggedSource{pages: map[string]taggedPage{}}
	for n := 1; n <= 3; n++ {
		p := taggedPage{etag: fmt.Sprintf(`%s"p%d"`, weak, n)}
		p.body = fmt.Sprintf(`{"data":[{"id":%d}],"pages":3,"total":4,"next":null}`, n)
		if n < 3 {
			p.body = fmt.Sprintf(`{"data":[{"id":%d}],"pages":3,"total":4,"next":"/l?page=%d","cursor":%d}`, n, n+1, n+1)
			p.link = fmt.Sprintf(`</l?page=%d>; rel="next"`, n+1)
		}
		s.pages[fmt.Sprintf("page=%d", n)] = p
		if n == 1 {
			s.pages[""] = p
		}
	}
	return s
}

// pagings are the kinds of paging that read pagesOf.
var pagings = map[string]transport.Paging{
	"next URL": paging.NextURL{At: "next"}, "token": paging.PageToken{At: "cursor", Param: "page"},
	"number": paging.PageNumber{TotalPagesAt: "pages"}, "offset": paging.Offset{Param: "page", TotalAt: "total"},
	"prefetch": transport.Prefetch(paging.NextURL{At: "next"}, 2), "parallel": transport.Parallel(paging.PageNumber{TotalPagesAt: "pages"}, 2),
	"link": paging.LinkHeader{},
}

// change changes a page and its validator.
func (s *taggedSource) change(n int) {
	for _, query := range []string{"", fmt.Sprintf("page=%d", n)} {
		if p, ok := s.pages[query]; ok && (query != "" || n == 1) {
			p.etag += "x"
			if strings.HasSuffix(p.etag, `"x`) {
				p.etag = strings.TrimSuffix(p.etag, `"x`) + `x"`
			}
			s.pages[query] = p
		}
	}
}

func TestOnlyModifiedPagesOfASequenceAreRead(t *testing.T) {
	for name, p := range pagings {
		if strings.HasPrefix(name, "offset") {
			continue // its first page has the offset 0
		}
		t.Run(name, func(t *testing.T) {
			source := pagesOf("")
			c, store := transporttest.Serve(t, source.serialized().ServeHTTP), mapStore{}
			assert.Equal(t, upTo(3), idsOf(t, reading(c, store, p)))
			always := map[string][]int64{"parallel": {1}, "link": {3}}[name]
			for range 2 {
				assert.Equal(t, always, idsOf(t, reading(c, store, p)))
			}
			for n := int64(1); n <= 3; n++ {
				source.change(int(n))
				want := append([]int64{}, always...)
				if len(want) == 0 || want[0] != n {
					want = append(want, n)
				}
				assert.ElementsMatch(t, want, idsOf(t, reading(c, store, p)), "page %d has changed", n)
				assert.Equal(t, always, idsOf(t, reading(c, store, p)))
			}
		})
	}
}

func TestAPageThatIsAddedAfterAnUnmodifiedOneIsRead(t *testing.T) {
	for name, p := range pagings {
		for _, weak := range []string{"W/", ""} {
			if weak == "" && name != "link" || strings.HasPrefix(name, "offset") {
				continue // a strong ETag covers the end of the pages in the body
			}
			t.Run(name+" "+weak, func(t *testing.T) {
				source := pagesOf(weak)
				c, store := transporttest.Serve(t, source.serialized().ServeHTTP), mapStore{}
				all := source.pages["page=3"]
				last := source.pages["page=2"]
				last.body, last.link = strings.NewReplacer(`"pages":3`, `"pages":2`, `"next":"/l?page=3"`, `"next":null`, `,"cursor":3`, ``).Replace(last.body), ""
				first := source.pages["page=1"]
				short := first
				short.body = strings.ReplaceAll(first.body, `"pages":3`, `"pages":2`)
				full := source.pages["page=2"]
				source.pages["page=1"], source.pages["page=2"] = short, last
				source.pages[""] = short
				delete(source.pages, "page=3")
				assert.Equal(t, upTo(2), idsOf(t, reading(c, store, p)))

				// The records of page 2, and therefore its weak validator, stay the same.
				source.pages["page=1"], source.pages["page=2"], source.pages["page=3"], source.pages[""] = first, full, all, first
				assert.Contains(t, idsOf(t, reading(c, store, p)), int64(3))
			})
		}
	}
}

// serialized returns a handler that calls the source for one request at a time.
func (s *taggedSource) serialized() http.Handler {
	turn := make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		turn <- struct{}{}
		defer func() { <-turn }()
		s.ServeHTTP(w, r)
	})
}

func TestAnExpiredURLOfTheNextPageIsReadFromThePageBefore(t *testing.T) {
	source := pagesOf("")
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	assert.Equal(t, upTo(3), idsOf(t, reading(c, store, paging.NextURL{At: "next"})))
	for n, page := range source.pages {
		page.body = strings.ReplaceAll(page.body, "page=2", "page=2&v=2")
		source.pages[n] = page
	}
	source.pages["page=2&v=2"] = source.pages["page=2"]
	delete(source.pages, "page=2")
	source.take()
	got := idsOf(t, reading(c, store, paging.NextURL{At: "next"}))
	assert.Equal(t, []int64{1, 2}, got)
	assert.Equal(t, []string{`"p1" 304`, "page=2 \"p2\" 404", "200", "page=2&v=2  200", `page=3 "p3" 304`}, source.take())

	delete(source.pages, "page=2&v=2")
	_, err := collect(reading(c, store, paging.NextURL{At: "next"}))
	assert.Equal(t, http.StatusNotFound, asError(t, err).Status)
}

func TestAnInterruptedSequenceStoresOnlyTheConsumedPages(t *testing.T) {
	for name, p := range map[string]transport.Paging{
		"one by one": paging.NextURL{At: "next"}, "prefetch": transport.Prefetch(paging.NextURL{At: "next"}, 3),
	} {
		t.Run(name, func(t *testing.T) {
			source := pagesOf("")
			c, store := transporttest.Serve(t, source.serialized().ServeHTTP), mapStore{}
			for it := range reading(c, store, p) {
				if it.ID == 2 {
					break
				}
			}
			assert.Equal(t, []int64{2, 3}, idsOf(t, reading(c, store, p)))
		})
	}
}

func TestPagesYieldsAnUnmodifiedPageWithoutRecords(t *testing.T) {
	source := pagesOf("")
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	read := func() (statuses, records []int) {
		for page, err := range transport.Pages(ctx, c, transport.Request{Path: "/l", RecordsAt: "data", Validators: store}, paging.NextURL{At: "next"}) {
			require.NoError(t, err)
			statuses, records = append(statuses, page.Status), append(records, page.Len())
		}
		return statuses, records
	}
	read()
	source.change(2)
	statuses, records := read()
	assert.Equal(t, []int{304, 200, 304}, statuses)
	assert.Equal(t, []int{0, 1, 0}, records)
}

func TestAStreamIsReadIfItHasBeenModified(t *testing.T) {
	source := &taggedSource{pages: map[string]taggedPage{"": {etag: `"v1"`, body: "id\n1\n2\n"}}}
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	read := func() []int64 {
		return idsOf(t, transport.Stream[item](ctx, c, transport.Request{Path: "/file.csv", Validators: store}, format.CSV{}))
	}
	for range transport.Stream[item](ctx, c, transport.Request{Path: "/file.csv", Validators: store}, format.CSV{}) {
		break
	}
	assert.Equal(t, upTo(2), read())
	assert.Empty(t, read())
	source.pages[""] = taggedPage{etag: `"v2"`, body: "id\n1\n"}
	assert.Equal(t, upTo(1), read())
	assert.Equal(t, []string{"200", "200", `"v1" 304`, `"v1" 200`}, source.take())
	source.pages[""] = taggedPage{etag: `"v3"`, body: "id\n1\nx\n"}
	for range 2 {
		_, err := collect(transport.Stream[item](ctx, c, transport.Request{Path: "/file.csv", Validators: store}, format.CSV{}))
		assert.Error(t, err)
	}
}

func TestGetModifiedUsesAValueOnceItHasChanged(t *testing.T) {
	source := &taggedSource{pages: map[string]taggedPage{"": {etag: `"v1"`, body: `{"rates":{"eur":1}}`}}}
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	req := transport.Request{Path: "/rates", RecordsAt: "rates", Validators: store}
	used := 0
	refused := errors.New("the row is refused")
	use := func(err error) func(map[string]int) error {
		return func(rates map[string]int) error {
			assert.Equal(t, map[string]int{"eur": 1}, rates)
			used++
			return err
		}
	}
	assert.Equal(t, refused, transport.GetModified(ctx, c, req, use(refused)))
	require.NoError(t, transport.GetModified(ctx, c, req, use(nil)))
	require.NoError(t, transport.GetModified(ctx, c, req, use(nil)))
	assert.Equal(t, 2, used)
	assert.ErrorContains(t, transport.GetModified(ctx, c, transport.Request{}, use(nil)), "no Validators")

	empty := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	require.NoError(t, transport.GetModified(ctx, empty, req, use(nil)))
	assert.Equal(t, 2, used, "there is no value")
}

func TestAFunctionThatCannotSupportValidatorsSaysSo(t *testing.T) {
	c, store := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":[],"id":"1"}`) }), mapStore{}
	for name, err := range map[string]error{
		"Get":    second(transport.Get[item](ctx, c, transport.Request{Validators: store})),
		"Do":     second(c.Do(ctx, transport.Request{Validators: store})),
		"POST":   second(collect(transport.Records[item](ctx, c, transport.Request{Method: "POST", Validators: store}, nil))),
		"scroll": second(collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data", Validators: store}, paging.Scroll{At: "id", Param: "s"}))),
		"own header": second(collect(transport.Records[item](ctx, c, transport.Request{
			Header: http.Header{"If-None-Match": {`"a"`}}, Validators: store,
		}, nil))),
	} {
		asError(t, err)
		assert.ErrorContains(t, err, "Validators", name)
	}
}

func second[T any](_ T, err error) error { return err }

func TestA304IsRecognized(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	own := transport.Request{Header: http.Header{"If-None-Match": {`"a"`}}}
	_, err := transport.Get[item](ctx, c, own)
	assert.ErrorIs(t, err, transport.ErrNotModified)
	assert.Equal(t, 1, asError(t, err).Attempts)
	_, err = c.Do(ctx, own)
	assert.ErrorIs(t, err, transport.ErrNotModified)
	_, err = collect(transport.Stream[item](ctx, c, own, format.NDJSON{}))
	assert.ErrorIs(t, err, transport.ErrNotModified)

	ignoring := inMemory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
		transport.WithRules(transport.Rule{Status: http.StatusNotModified, Do: transport.DoIgnore}))
	_, err = transport.Get[item](ctx, ignoring, own)
	assert.ErrorIs(t, err, transport.ErrNotModified, "the zero value would look like a record")
	for _, c := range []*transport.Client{c, ignoring} {
		for _, store := range []transport.ValidatorStore{nil, mapStore{}} {
			_, err = collect(transport.Records[item](ctx, c, transport.Request{Validators: store}, nil))
			assert.ErrorContains(t, err, "the request had no If-None-Match")
			assert.NotErrorIs(t, err, transport.ErrNotModified)
		}
	}
}

func TestAConditionIsNotPassedToAnotherResource(t *testing.T) {
	moved := false
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/l" && moved {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		if r.URL.Path == "/new" {
			assert.Empty(t, r.Header.Get("If-None-Match"))
		}
		w.Header().Set("ETag", `"v1"`)
		_, _ = io.WriteString(w, `{"data":[{"id":1}]}`)
	})
	store := mapStore{}
	idsOf(t, reading(c, store, nil))
	moved = true
	for range 2 {
		assert.Equal(t, upTo(1), idsOf(t, reading(c, store, nil)))
	}
}

func TestAConditionIsSentWithEachAttempt(t *testing.T) {
	synctest.Test(t, testConditionOfEachAttempt)
}

func testConditionOfEachAttempt(t *testing.T) {
	requests := 0
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if requests++; requests == 1 {
			_, _ = io.WriteString(w, `{"data":[{"id":1}]}`)
			return
		}
		assert.Equal(t, `"v1"`, r.Header.Get("If-None-Match"))
		if requests == 2 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNotModified)
	})
	store := mapStore{}
	idsOf(t, reading(c, store, nil))
	assert.Empty(t, idsOf(t, reading(c, store, nil)))
	assert.Equal(t, 3, requests)
}

func TestAValidatorBelongsToItsRequest(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, `{"data":[{"id":1}],"other":[{"id":2}]}`)
	})
	store := mapStore{}
	base := transport.Request{Path: "/l", RecordsAt: "data", Validators: store}
	read := func(change func(*transport.Request)) int {
		req := base
		change(&req)
		got, err := collect(transport.Records[item](ctx, c, req, nil))
		require.NoError(t, err)
		return len(got)
	}
	for name, change := range map[string]func(*transport.Request){
		"the same":  func(*transport.Request) {},
		"path":      func(r *transport.Request) { r.Path = "/other" },
		"parameter": func(r *transport.Request) { r.Path = "/l?key=a" },
		"value":     func(r *transport.Request) { r.Path = "/l?key=b" },
		"header":    func(r *transport.Request) { r.Header = http.Header{"X-Account": {"7"}} },
		"records":   func(r *transport.Request) { r.RecordsAt = "other" },
		"body":      func(r *transport.Request) { r.Body = map[string]int{"a": 1} },
	} {
		assert.Equal(t, 1, read(change), name)
		assert.Equal(t, 0, read(change), name)
	}
	got, err := collect(transport.Records[item](ctx, c, base, paging.NextURL{At: "next"}))
	require.NoError(t, err)
	assert.Len(t, got, 1, "another reader has another validator")
}

func TestAStoreHasNoCredentials(t *testing.T) {
	const secret = "s3cret-0123456789"
	for name, next := range map[string]string{
		"none": "/l?page=2", "key": "/l?api_key=" + secret + "&page=2", "other": "/l?page=2&x=" + secret, "signature": "/l?page=2&access_token=abcdefgh",
	} {
		t.Run(name, func(t *testing.T) {
			var conditional int
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, secret, r.FormValue("api_key"))
				w.Header().Set("ETag", `"v1"`)
				if r.Header.Get("If-None-Match") != "" {
					conditional++
					w.WriteHeader(http.StatusNotModified)
					return
				}
				if r.FormValue("page") == "" {
					fmt.Fprintf(w, `{"data":[{"id":1}],"next":%q}`, next)
					return
				}
				fmt.Fprint(w, `{"data":[{"id":2}]}`)
			}, transport.WithAuth(auth.QueryKey("api_key", secret)))
			store := mapStore{}
			for range 2 {
				_, err := collect(reading(c, store, paging.NextURL{At: "next"}))
				require.NoError(t, err)
			}
			assert.NotContains(t, string(store[transport.ValidatorsKey]), secret)
			assert.NotContains(t, string(store[transport.ValidatorsKey]), "abcdefgh")
			want := 2
			if name == "other" || name == "signature" {
				want = 1 // the first page is always read
			}
			assert.Equal(t, want, conditional)
		})
	}
}

func TestAStoreIsBounded(t *testing.T) {
	tag := `"` + strings.Repeat("x", 900) + `"`
	for name, tt := range map[string]struct {
		etag string
		kept int
	}{"number": {`"v1"`, 128}, "size": {tag, 70}} {
		t.Run(name, func(t *testing.T) {
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", tt.etag)
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				fmt.Fprint(w, `[{"id":1}]`)
			})
			store := mapStore{}
			read := func(n int) int {
				got, err := collect(transport.Records[item](ctx, c, transport.Request{Path: fmt.Sprint("/l/", n), Validators: store}, nil))
				require.NoError(t, err)
				return len(got)
			}
			for n := range 300 {
				assert.Equal(t, 1, read(n))
			}
			assert.Less(t, len(store[transport.ValidatorsKey]), 80<<10)
			assert.Equal(t, 0, read(300-tt.kept), "the last ones are kept")
			assert.Equal(t, 1, read(300-tt.kept-2))
		})
	}
}

func TestAStoreThatFailsFailsTheSequence(t *testing.T) {
	c := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		fmt.Fprint(w, `[{"id":1}]`)
	})
	for name, store := range map[string]transport.ValidatorStore{"load": mapStore{"validators": json.RawMessage(`7`)}, "store": readOnly{}} {
		t.Run(name, func(t *testing.T) {
			_, err := collect(transport.Records[item](ctx, c, transport.Request{Validators: store}, nil))
			asError(t, err)
			assert.ErrorContains(t, err, name+" the validators")
			_, err = collect(transport.Stream[item](ctx, c, transport.Request{Validators: store}, format.JSON{}))
			assert.ErrorContains(t, err, name+" the validators")
		})
	}
}

type readOnly struct{ mapStore }

func (readOnly) Set(string, any) error { return errors.New("the sync has ended") }

func TestAValidatorOfChildrenThatAreReadAheadIsStoredOnceTheyHaveBeenConsumed(t *testing.T) {
	turn := &sync.Mutex{}
	c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		w.Header().Set("ETag", `"`+r.URL.Path+`"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, `[{"id":%s}]`, strings.TrimPrefix(r.URL.Path, "/"))
	})
	store := mapStore{}
	read := func(ctx context.Context, parent int) iter.Seq2[item, error] {
		return transport.Records[item](ctx, c, transport.Request{Path: fmt.Sprint("/", parent), Validators: store}, nil)
	}
	nested := func(ctx context.Context, parent int) iter.Seq2[item, error] {
		return children.Each(ctx, children.List([]int{parent, parent + 1}), 2, read)
	}
	// consume leaves the loop at the nth record.
	consume := func(n int) (got []int64) {
		for it, err := range children.Each(ctx, children.List([]int{1, 3, 5, 7}), 4, nested) {
			require.NoError(t, err)
			if got = append(got, it.ID); len(got) == n {
				break
			}
		}
		return got
	}
	assert.Equal(t, upTo(4), consume(4))
	assert.Equal(t, []int64{3, 4, 5, 6, 7, 8}, consume(9), "the loop was left at record 4, of the second parent")
	assert.Empty(t, consume(9))
}

// While record 3 is on the first page, it has a newer version, which has been delivered.
func TestThePagesAfterAModifiedOneAreReadIfTheSequenceWasInterrupted(t *testing.T) {
	first := taggedPage{etag: `"a1"`, body: `{"data":[{"id":1},{"id":2}],"total":3}`}
	source := &taggedSource{pages: map[string]taggedPage{"offset=0": first, "offset=2": {etag: `"a2"`, body: `{"data":[{"id":3}],"total":3}`}}}
	c, store := inMemory(t, source.ServeHTTP), mapStore{}
	p := paging.Offset{TotalAt: "total"}
	assert.Equal(t, upTo(3), idsOf(t, reading(c, store, p)))
	assert.Empty(t, idsOf(t, reading(c, store, p)))
	source.pages["offset=0"] = taggedPage{etag: `"b1"`, body: `{"data":[{"id":1},{"id":3}],"total":3}`}
	for range reading(c, store, p) {
		break
	}
	source.pages["offset=0"] = first
	assert.Equal(t, upTo(3), idsOf(t, reading(c, store, p)))

	// If nothing interrupts the sequence, the pages after it are not read again.
	source.pages["offset=0"] = taggedPage{etag: `"c1"`, body: `{"data":[{"id":1},{"id":2}],"total":3}`}
	assert.Equal(t, upTo(2), idsOf(t, reading(c, store, p)))
	assert.Empty(t, idsOf(t, reading(c, store, p)))
}
