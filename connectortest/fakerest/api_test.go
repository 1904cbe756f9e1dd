package fakerest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/connectortest/fakerest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type order struct {
	ID      int64     `json:"id" schema:"primary_key"`
	Updated time.Time `json:"updated"`
	Note    string    `json:"note"`
}

// orders are in no order. Two in a row have the same time.
func orders(n int) []order {
	all := make([]order, n)
	for i := range all {
		number := (i * 11) % n
		all[i] = order{1<<53 + int64(number), time.Date(2026, 3, 1, 0, 0, number/2, 0, time.UTC), fmt.Sprintf("<%d>", number)}
	}
	return all
}

// get asks a server, and returns the status and the body.
func get(t *testing.T, srv *httptest.Server, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

func serve(t *testing.T, options ...fakerest.Option) (*fakerest.API, *httptest.Server) {
	t.Helper()
	api := fakerest.New(t, options...)
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return api, srv
}

func TestEachPagingIsReadToItsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		option fakerest.RowsOption
		client transport.Paging
		under  string
	}{
		"none":     {nil, nil, ""},
		"token":    {fakerest.ByToken("page_token", "meta.next"), transport.Cursor{At: "meta.next", Param: "page_token"}, "data"},
		"page":     {fakerest.ByPage("page"), transport.PageNumber{Param: "page"}, ""},
		"offset":   {fakerest.ByOffset("offset"), transport.Offset{Param: "offset"}, ""},
		"link":     {fakerest.ByLink("page"), transport.LinkHeader{}, ""},
		"next URL": {fakerest.ByNextURL("links.next", "page"), transport.NextURL{At: "links.next"}, "data"},
		"key":      {fakerest.ByKey("after", "id"), transport.Keyset{Field: "id", Param: "after"}, ""},
	} {
		for _, n := range []int{0, 1, 6, 7, 8, 20} {
			t.Run(fmt.Sprint(name, " of ", n), func(t *testing.T) {
				options := []fakerest.RowsOption{fakerest.PageSize(7, "")}
				if test.option != nil {
					options = append(options, test.option)
				}
				_, srv := serve(t, fakerest.Rows("/orders", orders(n), options...))
				client, err := transport.New(srv.URL)
				require.NoError(t, err)
				seen := map[int64]bool{}
				for o, err := range transport.Records[order](t.Context(), client, transport.Request{Path: "/orders", Records: test.under}, test.client) {
					require.NoError(t, err)
					seen[o.ID] = true
				}
				assert.Len(t, seen, n)
			})
		}
	}
}

func TestRowsKeepTheirDigitsAndTheirText(t *testing.T) {
	_, srv := serve(t, fakerest.Rows("/a", []json.RawMessage{[]byte(`{"id":12345678901234567890,"x":1.50,"s":"<&>"}`)}, fakerest.Under("out.data")))
	resp, body := get(t, srv, "/a")
	assert.Equal(t, `{"out":{"data":[{"id":12345678901234567890,"x":1.50,"s":"<&>"}]}}`, body)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
}

func TestSinceFiltersAndSorts(t *testing.T) {
	rows := []map[string]any{
		{"n": json.Number("9007199254740993"), "at": "2026-03-01T01:00:00+01:00"},
		{"n": 10, "at": "2026-03-01T00:00:00.5Z"},
		{"n": 9},
		{"n": json.Number("9007199254740992"), "at": "2026-02-01T00:00:00Z"},
	}
	_, srv := serve(t,
		fakerest.Rows("/n", rows, fakerest.Since("from", "n")),
		fakerest.Rows("/at", rows, fakerest.Since("since", "at")))
	numbers := func(path string) string {
		_, body := get(t, srv, path)
		var found []struct{ N json.Number }
		require.NoError(t, json.Unmarshal([]byte(body), &found), body)
		var all []string
		for _, f := range found {
			all = append(all, f.N.String())
		}
		return strings.Join(all, " ")
	}
	assert.Equal(t, "9 10 9007199254740992 9007199254740993", numbers("/n"))
	assert.Equal(t, "9007199254740993", numbers("/n?from=9007199254740993"))
	assert.Equal(t, "10 9007199254740992 9007199254740993", numbers("/n?from=1e1"))
	assert.Equal(t, "9 9007199254740992 9007199254740993 10", numbers("/at"))
	assert.Equal(t, "9007199254740993 10", numbers("/at?since=2026-03-01T00:00:00Z"))
}

func TestChildrenAreThoseOfTheirParent(t *testing.T) {
	items := []map[string]any{{"order": 1, "sku": "a"}, {"order": 2, "sku": "b"}, {"order": 1, "sku": "c"}}
	_, srv := serve(t, fakerest.Rows("/orders/{id}/items", items, fakerest.Of("id", "order")))
	_, body := get(t, srv, "/orders/1/items")
	assert.Equal(t, `[{"order":1,"sku":"a"},{"order":1,"sku":"c"}]`, body)
}

func TestMistakesAreAnsweredWithASentence(t *testing.T) {
	_, srv := serve(t,
		fakerest.Rows("/orders", orders(20), fakerest.ByToken("token", "next"), fakerest.PageSize(7, "size"), fakerest.MaxPageSize(10), fakerest.Since("since", "updated")),
		fakerest.Rows("/pages", orders(20), fakerest.ByPage("page")),
		fakerest.Object("/ping", map[string]bool{"ok": true}))
	_, body := get(t, srv, "/orders?since=2026-03-01T00:00:01Z")
	var first struct{ Next string }
	require.NoError(t, json.Unmarshal([]byte(body), &first))
	for path, want := range map[string]string{
		"/orders?from=x":              `400 there is no parameter "from"; there are ["since" "size" "token"]`,
		"/orders?token=abc":           "400 token: it is no token of this list with these filters",
		"/orders?token=" + first.Next: "400 token: it is no token of this list with these filters",
		"/orders?size=11":             "400 size is 11: 10 are the most",
		"/orders?size=0":              `400 size is "0": want a number from 1 on`,
		"/orders?size=x":              `400 size is "x": want a number from 1 on`,
		"/pages?page=0":               `400 page is "0": want a number from 1 on`,
		"/ping?a=1":                   `400 there is no parameter "a"; there are []`,
		"/nowhere":                    "404 there is no /nowhere; the lists are /orders, /pages",
	} {
		resp, body := get(t, srv, path)
		var answer struct{ Error string }
		require.NoError(t, json.Unmarshal([]byte(body), &answer), body)
		assert.Equal(t, want, fmt.Sprint(resp.StatusCode, " ", answer.Error), path)
	}
	_, lenient := serve(t, fakerest.AnyParameter(), fakerest.Object("/ping", 1))
	_, body = get(t, lenient, "/ping?a=1")
	assert.Equal(t, "1", body)
}

func TestCredentialsAreWantedAndNotRemembered(t *testing.T) {
	for name, test := range map[string]struct {
		option fakerest.Option
		auth   transport.Auth
	}{
		"bearer": {fakerest.Bearer("key"), transport.Bearer("key")},
		"basic":  {fakerest.Basic("u", "p"), transport.Basic("u", "p")},
		"header": {fakerest.Header("X-API-Key", "key"), transport.HeaderKey("X-API-Key", "key")},
		"query":  {fakerest.Query("api_key", "key"), transport.QueryKey("api_key", "key")},
	} {
		t.Run(name, func(t *testing.T) {
			api, srv := serve(t, fakerest.Rows("/orders", orders(3)), test.option)
			resp, _ := get(t, srv, "/orders")
			assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
			client, err := transport.New(srv.URL, transport.WithAuth(test.auth))
			require.NoError(t, err)
			rows, err := transport.Get[[]order](t.Context(), client, transport.Request{Path: "/orders"})
			require.NoError(t, err)
			assert.Len(t, rows, 3)
			asked := api.Requests()
			require.Len(t, asked, 2)
			assert.Equal(t, []int{401, 200}, []int{asked[0].Status, asked[1].Status})
			assert.Equal(t, "GET /orders", asked[1].Method+" "+asked[1].Path)
			assert.NotContains(t, fmt.Sprint(asked), "key")
		})
	}
}

func TestRateLimitSaysWhenMoreIsAllowed(t *testing.T) {
	connectortest.At(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), func(t *testing.T) {
		t.Helper()
		api := fakerest.New(t, fakerest.Object("/ping", 1), fakerest.RateLimit(2, 1500*time.Millisecond))
		ask := func() *http.Response {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ping", nil))
			return w.Result()
		}
		assert.Equal(t, "1", ask().Header.Get("X-RateLimit-Remaining"))
		assert.Equal(t, http.StatusOK, ask().StatusCode)
		refused := ask()
		assert.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		assert.Equal(t, "2", refused.Header.Get("Retry-After"))
		assert.Equal(t, "0", refused.Header.Get("X-RateLimit-Remaining"))
		time.Sleep(2 * time.Second)
		assert.Equal(t, http.StatusOK, ask().StatusCode)
	})
}

func TestSetChangesTheRows(t *testing.T) {
	api, srv := serve(t, fakerest.Rows("/orders", orders(3)))
	api.Set(t, "/orders", []map[string]int{{"id": 1}})
	_, body := get(t, srv, "/orders")
	assert.Equal(t, `[{"id":1}]`, body)
}

// fatal keeps what would end a test.
type fatal struct{ testing.TB }

func (fatal) Helper()                   {}
func (fatal) Fatalf(s string, a ...any) { panic(fmt.Sprintf(s, a...)) }

func TestWhatCannotBeServedFailsTheTest(t *testing.T) {
	for want, option := range map[string]fakerest.Option{
		"fakerest: /a: want a slice of rows, got string":           fakerest.Rows("/a", "rows"),
		"fakerest: /b: row 0: json: unsupported type: func()":      fakerest.Rows("/b", []any{func() {}}),
		"fakerest: /c: row 0: it is null":                          fakerest.Rows("/c", []any{nil}),
		"fakerest: /d: a page of 0 rows":                           fakerest.Rows("/d", orders(1), fakerest.PageSize(0, "")),
		"fakerest: the share of faults is 2: want one from 0 to 1": fakerest.Faults(2, 1),
		"fakerest: /e: json: unsupported type: chan int":           fakerest.Object("/e", make(chan int)),
	} {
		assert.PanicsWithValue(t, want, func() { fakerest.New(fatal{t}, option) })
	}
	assert.Panics(t, func() {
		fakerest.New(fatal{t}, fakerest.Rows("/a", orders(1)), fakerest.Rows("/a", orders(1)))
	}, "two lists of one path")
	assert.PanicsWithValue(t, "fakerest: there is no list /x", func() { fakerest.New(t).Set(fatal{t}, "/x", orders(1)) })
}

// reader is a connector for the API.
type reader struct {
	Key connector.Secret `json:"key"`
	api *transport.Client
}

func (c *reader) Open(ctx context.Context) (err error) {
	c.api, err = transport.New("http://shop.test", transport.WithAuth(transport.Bearer(c.Key.Reveal())), transport.WithLogger(connector.Logger(ctx)))
	return err
}

func (c *reader) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[order]("orders"))
}

func (c *reader) Test(ctx context.Context) error {
	_, err := c.api.Do(ctx, transport.Request{Path: "/ping"})
	return err
}

func (c *reader) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
	req := transport.Request{Path: "/orders", Records: "data", Query: map[string][]string{}}
	if !cursor.First() {
		req.Query.Set("since", cursor.Start().Format(time.RFC3339Nano))
	}
	for o, err := range transport.Records[order](ctx, c.api, req, transport.Cursor{At: "next", Param: "token"}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("orders", o); err != nil {
			return err
		}
		cursor.Advance(o.Updated)
		if err := out.Checkpoint(st); err != nil {
			return err
		}
	}
	return nil
}

func TestAConnectorIsProvedByIt(t *testing.T) {
	connectortest.Run(t, &reader{Key: "key-0123456789"}, connectortest.Source(func() http.Handler {
		return fakerest.New(t,
			fakerest.Rows("/orders", orders(30), fakerest.ByToken("token", "next"), fakerest.PageSize(4, ""), fakerest.Since("since", "updated")),
			fakerest.Object("/ping", map[string]bool{"ok": true}),
			fakerest.Bearer("key-0123456789"),
			fakerest.RateLimit(5, time.Second),
			fakerest.Latency(50*time.Millisecond),
			fakerest.Faults(0.2, 1))
	}))
}

func Example() {
	var t testing.TB = fatal{} // in a test, it is the test's own
	api := fakerest.New(t,
		fakerest.Rows("/orders", []map[string]any{{"id": 1}, {"id": 2}, {"id": 3}}, fakerest.ByOffset("offset"), fakerest.PageSize(2, "limit")),
		fakerest.Bearer("key"))
	srv := httptest.NewServer(api)
	defer srv.Close()
	client, _ := transport.New(srv.URL, transport.WithAuth(transport.Bearer("key")))
	rows, err := transport.Get[[]map[string]int](context.Background(), client, transport.Request{Path: "/orders?offset=1"})
	fmt.Println(rows, err)
	fmt.Println(api.Requests()[0].Query)
	// Output:
	// [map[id:2] map[id:3]] <nil>
	// map[offset:[1]]
}

func FuzzTokensAreReadOrRefused(f *testing.F) {
	f.Add("abc", 3)
	f.Fuzz(func(t *testing.T, token string, n int) {
		api := fakerest.New(t, fakerest.Rows("/orders", orders(20), fakerest.ByToken("token", "next"), fakerest.PageSize(max(n%10, 1), "")))
		req := httptest.NewRequest(http.MethodGet, "/orders", nil)
		query := req.URL.Query()
		query.Set("token", token)
		req.URL.RawQuery = query.Encode()
		w := httptest.NewRecorder()
		api.ServeHTTP(w, req)
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	})
}
