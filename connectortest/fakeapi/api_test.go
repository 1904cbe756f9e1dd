package fakeapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An answer is a response as a client sees it.
type answer struct {
	status int
	header http.Header
	body   string
}

// serve starts an API on loopback and returns its URL.
func serve(t *testing.T, options ...fakeapi.Option) (*fakeapi.API, string) {
	t.Helper()
	api := fakeapi.New(t, options...)
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return api, srv.URL
}

// ask makes a request. The headers are alternating names and values.
func ask(t *testing.T, method, address, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(got)}
}

func get(t *testing.T, address string, header ...string) answer {
	t.Helper()
	return ask(t, http.MethodGet, address, "", header...)
}

type order struct {
	ID      int64  `json:"id"`
	Updated string `json:"updated_at"`
}

// orders returns rows whose ids differ by less than a float64 can represent. Two rows
// share each time.
func orders(n int) []order {
	all := make([]order, n)
	for i := range all {
		all[i] = order{1<<53 + int64(i), fmt.Sprintf("2026-03-01T00:00:%02dZ", i/2)}
	}
	return all
}

func TestRowsAreServedVerbatim(t *testing.T) {
	raw := json.RawMessage(`{"n": 9007199254740993.10, "s":"<&>" }`)
	for name, tt := range map[string]struct {
		rows any
		want string
	}{
		"structs":             {orders(2), `[{"id":9007199254740992,"updated_at":"2026-03-01T00:00:00Z"},{"id":9007199254740993,"updated_at":"2026-03-01T00:00:00Z"}]`},
		"maps":                {[]map[string]any{{"s": "<&>", "n": json.Number("1.50")}}, `[{"n":1.50,"s":"<&>"}]`},
		"raw messages":        {[]json.RawMessage{raw, raw}, "[" + string(raw) + "," + string(raw) + "]"},
		"raw among others":    {[]any{raw, 1}, "[" + string(raw) + ",1]"},
		"a raw array":         {json.RawMessage("[ " + string(raw) + " ]"), "[" + string(raw) + "]"},
		"bytes of an array":   {[]byte("[1e2, 2]"), "[1e2,2]"},
		"nil":                 {[]order(nil), "[]"},
		"a function's result": {func(*http.Request) []int { return []int{1, 2} }, "[1,2]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := serve(t, fakeapi.Collection("/x", tt.rows))
			got := get(t, at+"/x")
			assert.Equal(t, 200, got.status)
			assert.Equal(t, tt.want, got.body)
			assert.Equal(t, "application/json", got.header.Get("Content-Type"))
		})
	}
}

func TestHeadHasNoBody(t *testing.T) {
	_, at := serve(t, fakeapi.Collection("/x", []int{1}))
	got := ask(t, http.MethodHead, at+"/x", "")
	assert.Equal(t, 200, got.status)
	assert.Empty(t, got.body)
	assert.Equal(t, "3", got.header.Get("Content-Length"))
}

func TestObjectsAreServed(t *testing.T) {
	api, at := serve(t,
		fakeapi.Object("/ping", map[string]bool{"ok": true}),
		fakeapi.Object("/", json.RawMessage(`{"v": 1.0}`)),
		fakeapi.Object("/orders/{id}", func(r *http.Request) any {
			if r.PathValue("id") != "7" {
				return nil
			}
			return order{ID: 7}
		}))
	assert.Equal(t, `{"ok":true}`, get(t, at+"/ping").body)
	assert.Equal(t, `{"v": 1.0}`, get(t, at+"/").body)
	assert.Equal(t, `{"id":7,"updated_at":""}`, get(t, at+"/orders/7").body)
	assert.Equal(t, 404, get(t, at+"/orders/8").status)
	api.Set("/ping", "later")
	assert.Equal(t, `"later"`, get(t, at+"/ping").body)
}

func TestChildrenOfRows(t *testing.T) {
	items := json.RawMessage(`[{"order":1,"sku":"a"},{"order":2,"sku":"b"},{"order":1.0,"sku":"c"},{"order":null}]`)
	_, at := serve(t,
		fakeapi.Collection("/orders/{id}/items", items, fakeapi.Equal("id", "order"), fakeapi.Equal("sku", "sku")),
		fakeapi.Collection("/orders/{id}/notes", func(r *http.Request) []string { return []string{"of " + r.PathValue("id")} }))
	assert.Equal(t, `[{"order":1,"sku":"a"},{"order":1.0,"sku":"c"}]`, get(t, at+"/orders/1/items").body)
	assert.Equal(t, `[{"order":1.0,"sku":"c"}]`, get(t, at+"/orders/1/items?sku=c").body)
	assert.Equal(t, `[]`, get(t, at+"/orders/null/items").body)
	assert.Equal(t, `["of 7"]`, get(t, at+"/orders/7/notes").body)
	assert.Equal(t, `["of a//b"]`, get(t, at+"/orders/a%2F%2Fb/notes").body)
}

func TestTheMistakesOfAClientAreReported(t *testing.T) {
	_, at := serve(t,
		fakeapi.Object("/ping", 1),
		fakeapi.Collection("/orders", orders(3), fakeapi.PageSize(2), fakeapi.MaxPageSize(5),
			fakeapi.ByToken("page_token", "next"), fakeapi.SizedBy("limit"), fakeapi.Since("since", "updated_at")),
		fakeapi.Collection("/pages", orders(3), fakeapi.ByPage("page", "per_page")),
		fakeapi.Collection("/offsets", orders(3), fakeapi.ByOffset("offset", "")),
		fakeapi.Collection("/keys", orders(3), fakeapi.ByKey("after", "id")),
		fakeapi.Collection("/search", orders(3), fakeapi.InBody(), fakeapi.ByPage("page", "")))
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/order", "", 404, "the API has no path /order: it has /keys, /offsets, /orders, /pages, /ping, /search"},
		{"GET", "//orders", "", 404, "the API has no path //orders: it has "},
		{"GET", "/orders/", "", 404, "the API has no path /orders/: it has "},
		{"GET", "/orders/../ping", "", 404, "the API has no path /orders/../ping: it has "},
		{"DELETE", "/orders", "", 405, "/orders does not support DELETE: want GET or HEAD"},
		{"GET", "/search", "", 405, "/search does not support GET: want POST"},
		{"GET", "/orders?updated_since=x", "", 400, `/orders has no parameter \"updated_since\": it has page_token, limit, since`},
		{"GET", "/ping?x=1", "", 400, `/ping has no parameter \"x\": it has no parameters`},
		{"GET", "/orders?limit=1&limit=2", "", 400, "parameter limit occurs 2 times"},
		{"GET", "/orders?limit=%zz", "", 400, "the query is malformed"},
		{"GET", "/orders?limit=-1", "", 400, `limit is \"-1\": want a whole number of at least 1`},
		{"GET", "/orders?limit=0", "", 400, `limit is \"0\": want a whole number of at least 1`},
		{"GET", "/orders?limit=", "", 400, `limit is \"\": want a whole number of at least 1`},
		{"GET", "/orders?limit=6", "", 400, "limit is 6: want at most 5"},
		{"GET", "/orders?limit=99999999999999999999", "", 400, "limit is 99999999999999999999: want at most 5"},
		{"GET", "/orders?page_token=abc", "", 400, `page_token is not a page token of this API: \"abc\"`},
		{"GET", "/orders?since=2026-03-01T00:00:00+02:00", "", 400, `since is \"2026-03-01T00:00:00 02:00\": want an RFC 3339 time, as in the field`},
		{"GET", "/pages?page=0", "", 400, `page is \"0\": want a whole number of at least 1`},
		{"GET", "/pages?per_page=1.5", "", 400, `per_page is \"1.5\": want a whole number`},
		{"GET", "/offsets?offset=-1", "", 400, `offset is \"-1\": want a whole number of at least 0`},
		{"GET", "/keys?after=x", "", 400, `after is \"x\": want a number, as in the field`},
		{"POST", "/search", `[1]`, 400, "the body is not a JSON object"},
		{"POST", "/search", `{"page":[1]}`, 400, "parameter page is an array: want one value"},
		{"POST", "/search", `{"p":{"size":1}}`, 400, `/search has no parameter \"p.size\": it has page`},
		{"POST", "/search?page=1", `{}`, 400, "/search takes its parameters from the body, not"},
		{"POST", "/search", strings.Repeat(" ", 1<<20+1), 413, "the body is larger than 1048576 bytes"},
	} {
		t.Run(tt.method+" "+tt.path+" "+tt.body[:min(len(tt.body), 20)], func(t *testing.T) {
			got := ask(t, tt.method, at+tt.path, tt.body)
			assert.Equal(t, tt.status, got.status)
			assert.Contains(t, got.body, `{"error":"`+tt.want)
			assert.Equal(t, "application/json", got.header.Get("Content-Type"))
			if tt.status == 405 {
				assert.NotEmpty(t, got.header.Get("Allow"))
			}
		})
	}
}

func TestParametersCanBeIgnored(t *testing.T) {
	_, some := serve(t, fakeapi.Object("/x", 1), fakeapi.IgnoreParameters("fields"))
	assert.Equal(t, 200, get(t, some+"/x?fields=a&fields=b").status)
	assert.Equal(t, 400, get(t, some+"/x?field=a").status)
	_, all := serve(t, fakeapi.Object("/x", 1), fakeapi.IgnoreParameters())
	assert.Equal(t, 200, get(t, all+"/x?other=a").status)
}

func TestCredentialsAreRequired(t *testing.T) {
	for name, tt := range map[string]struct {
		option        fakeapi.Option
		good, bad     []string
		goodAt, badAt string
		challenge     string
	}{
		"bearer": {fakeapi.Bearer("k1"), []string{"Authorization", "bearer k1"}, []string{"Authorization", "Bearer k"}, "/x", "/x", `Bearer realm="fakeapi"`},
		"basic":  {fakeapi.Basic("u", "p"), []string{"Authorization", "Basic dTpw"}, []string{"Authorization", "Basic dTpx"}, "/x", "/x", `Basic realm="fakeapi"`},
		"header": {fakeapi.Header("X-API-Key", "k1"), []string{"x-api-key", "k1"}, []string{"X-API-Key", "K1"}, "/x", "/x", `APIKey realm="fakeapi", header="X-API-Key"`},
		"query":  {fakeapi.Query("api_key", "k1"), nil, nil, "/x?api_key=k1", "/x?api_key=k2", `APIKey realm="fakeapi", query="api_key"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, at := serve(t, fakeapi.Object("/x", 1), tt.option)
			assert.Equal(t, 200, get(t, at+tt.goodAt, tt.good...).status)
			for _, got := range []answer{get(t, at+tt.badAt, tt.bad...), get(t, at+"/x"), get(t, at+"/none")} {
				assert.Equal(t, 401, got.status)
				assert.Equal(t, tt.challenge, got.header.Get("WWW-Authenticate"))
				assert.Contains(t, got.body, "credentials: want the ")
				assert.NotContains(t, got.body, "k1")
			}
		})
	}
	t.Run("any of several is sufficient", func(t *testing.T) {
		_, at := serve(t, fakeapi.Object("/x", 1), fakeapi.Bearer("old"), fakeapi.Bearer("new"))
		for _, key := range []string{"old", "new"} {
			got := get(t, at+"/x", "Authorization", "Bearer "+key)
			assert.Equal(t, 200, got.status)
			assert.Empty(t, got.header.Get("WWW-Authenticate"))
		}
	})
}

func TestRequestsAreKeptWithoutCredentials(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/x", []int{}, fakeapi.InBody()), fakeapi.Object("/y", 1),
		fakeapi.Query("api_key", "secret-1"), fakeapi.Header("X-Key", "secret-2"), fakeapi.IgnoreParameters("q"))
	get(t, at+"/y?q=1&api_key=secret-1", "Authorization", "Bearer secret-3", "Cookie", "a=secret-4", "X-Other", "o")
	ask(t, "POST", at+"/x", `{"q":2}`, "X-Key", "secret-2")
	get(t, at+"/z")
	got := api.Requests()
	require.Len(t, got, 3)
	assert.Equal(t, "GET /y q=1 200 o", fmt.Sprint(got[0].Method, " ", got[0].Path, " ", got[0].Query.Encode(), " ", got[0].Status, " ", got[0].Header.Get("X-Other")))
	assert.Equal(t, `POST {"q":2} 200`, fmt.Sprint(got[1].Method, " ", string(got[1].Body), " ", got[1].Status))
	assert.Equal(t, 401, got[2].Status)
	assert.NotContains(t, fmt.Sprint(got), "secret")
}

// failing is a test that records its failures.
type failing struct {
	testing.TB
	mu  sync.Mutex
	why string
}

func (f *failing) Helper() {}

func (f *failing) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.why += fmt.Sprintf(format, args...)
}

func (f *failing) Fatalf(format string, args ...any) { f.Errorf(format, args...) }

func TestInvalidOptionsFailTheTest(t *testing.T) {
	ints := []int{1}
	same := []byte(`[{"id":1},{"id":1.0}]`)
	rows := func(options ...fakeapi.CollectionOption) fakeapi.Option {
		return fakeapi.Collection("/x", ints, options...)
	}
	for want, option := range map[string]fakeapi.Option{
		"collection /x: row 0 cannot be marshaled":              fakeapi.Collection("/x", []any{make(chan int)}),
		"want a slice, not int":                                 fakeapi.Collection("/x", 1),
		"want a slice, not <nil>":                               fakeapi.Collection("/x", nil),
		"not a JSON array":                                      fakeapi.Collection("/x", []byte(`{}`)),
		"not valid JSON":                                        fakeapi.Collection("/x", []json.RawMessage{[]byte("{")}),
		"want a func(*http.Request) that":                       fakeapi.Collection("/x", func() []int { return nil }),
		"object /x: json: unsupported":                          fakeapi.Object("/x", func() {}),
		"the path is invalid or taken":                          fakeapi.Object("/taken", 1),
		`"x" is not a path: want`:                               fakeapi.Object("x", 1),
		"/{: the path is invalid":                               fakeapi.Object("/{", 1),
		"there is a page size, but no option for":               rows(fakeapi.PageSize(3)),
		"the page size is 0: want at least 1":                   rows(fakeapi.ByLink(), fakeapi.PageSize(0)),
		"the maximum page size is -1":                           rows(fakeapi.ByLink(), fakeapi.MaxPageSize(-1)),
		"the page size is 9, but the maximum is 5":              rows(fakeapi.ByLink(), fakeapi.PageSize(9), fakeapi.MaxPageSize(5)),
		"there are two options for paging":                      rows(fakeapi.ByLink(), fakeapi.ByNextURL("next")),
		"there are two parameters for the page size":            rows(fakeapi.ByPage("p", "n"), fakeapi.SizedBy("m")),
		"the paging parameter has no name":                      rows(fakeapi.ByOffset("", "")),
		"the field of the next page has no name":                rows(fakeapi.ByToken("p", "")),
		"the field of ByKey has no name":                        rows(fakeapi.ByKey("p", "")),
		"a link cannot lead to the next page if":                rows(fakeapi.ByLink(), fakeapi.InBody()),
		"option Since lacks the name of":                        rows(fakeapi.Since("a", "")),
		"option Since occurs twice":                             rows(fakeapi.Since("a", "b"), fakeapi.Since("c", "d")),
		"two options use the parameter a":                       rows(fakeapi.ByPage("a", ""), fakeapi.Since("a", "b")),
		"the fields data and data.next of the response overlap": rows(fakeapi.ByToken("a", "data.next")),
		"use Equal to choose the rows":                          fakeapi.Collection("/x/{id}", ints),
		"two rows have the same id, the field of ByKey: 1.0":    fakeapi.Collection("/x", same, fakeapi.ByKey("after", "id")),
		"a row has no key, the field of ByKey":                  fakeapi.Collection("/x", same, fakeapi.ByKey("after", "key")),
		"the credentials are empty":                             fakeapi.Bearer(""),
		"the latency is -1ns: want zero or":                     fakeapi.Latency(-1),
		"the rate limit is 0 requests in 1":                     fakeapi.RateLimit(0, 1),
		"the share of faults is 1.5: want a number from":        fakeapi.Faults(1.5, 1),
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			fakeapi.New(f, fakeapi.Object("/taken", 1), option)
			assert.Contains(t, f.why, want)
			assert.Panics(t, func() { fakeapi.New(nil, fakeapi.Object("/taken", 1), option) })
		})
	}
}

func TestInvalidRowsFailTheTestAndChangeNothing(t *testing.T) {
	f := &failing{TB: t}
	api := fakeapi.New(f, fakeapi.Collection("/x", []int{1}))
	api.Set("/y", []int{})
	assert.Contains(t, f.why, "cannot set /y, which is not a path with rows or a value: the API has /x")
	api.Set("/x", "rows")
	assert.Contains(t, f.why, "collection /x: want a slice, not string")
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	assert.Equal(t, "[1]", w.Body.String())
}

func TestAFunctionThatFailsIsAnInternalError(t *testing.T) {
	_, at := serve(t, fakeapi.Collection("/x", func(*http.Request) any { return 7 }))
	got := get(t, at+"/x")
	assert.Equal(t, 500, got.status)
	assert.Equal(t, `{"error":"collection /x: want a slice, not int"}`, got.body)
}

func TestSetAndRequestsAreSafeForConcurrentUse(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/x", orders(5), fakeapi.Since("since", "updated_at")))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				api.Set("/x", orders(i+1))
				resp, err := http.Get(at + "/x")
				if assert.NoError(t, err) {
					var got []order
					assert.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
					assert.NotEmpty(t, got)
					resp.Body.Close()
				}
				api.Requests()
			}
		})
	}
	all.Wait()
	assert.Len(t, api.Requests(), 160)
}
