package fakeapi_test

import (
	"context"
	"io"
	"log"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// quietServer starts a server that does not log broken connections, and returns its URL
// and a client without keep-alive: net/http itself then repeats no request.
func quietServer(t *testing.T, api http.Handler) (string, *http.Client) {
	t.Helper()
	srv := httptest.NewUnstartedServer(api)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func TestExactlyTheNthRequestOfAPathFails(t *testing.T) {
	teapot := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Fault", r.Method)
		w.WriteHeader(http.StatusTeapot)
	})
	for name, tt := range map[string]struct {
		fault fakeapi.Fault
		want  string
		code  int // as api.Requests has it
	}{
		"status":             {fakeapi.Status(500), "500[]", 500},
		"status, later":      {fakeapi.Status(429).RetryAfter(1500 * time.Millisecond), "429[2]", 429},
		"status, at once":    {fakeapi.Status(503).RetryAfter(0), "503[0]", 503},
		"reset":              {fakeapi.Reset(), "reset", 0},
		"truncated":          {fakeapi.Truncate(0.5), "cut", 0},
		"truncated at start": {fakeapi.Truncate(0), "cut", 0},
		"custom":             {fakeapi.RespondWith(teapot), "418[]", 418},
	} {
		t.Run(name, func(t *testing.T) {
			api := fakeapi.New(t, fakeapi.FailOn("/x", 3, tt.fault), fakeapi.Collection("/x", orders(5)), fakeapi.Object("/y", orders(1)))
			at, client := quietServer(t, api)
			for n := 1; n <= 5; n++ {
				want := "200[]"
				if n == 3 {
					want = tt.want
				}
				assert.Equal(t, want, fate(client, at+"/x"), n)
				assert.Equal(t, "200[]", fate(client, at+"/y"), "another path")
			}
			assert.Equal(t, tt.code, api.Requests()[4].Status)
			assert.Equal(t, 200, api.Requests()[5].Status)
		})
	}
}

func TestATimeoutLastsUntilTheClientGivesUp(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.FailOn("/x", 1, fakeapi.Timeout()))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at, client := quietServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel() // the client gives up while the request is being answered
		api.ServeHTTP(w, r)
	}))
	req, err := http.NewRequestWithContext(ctx, "GET", at+"/x", nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "200[]", fate(client, at+"/x"))
	assert.Equal(t, 0, api.Requests()[0].Status)
}

func TestATimeoutOfARequestThatCannotEndIsAReset(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.FailOn("/x", 1, fakeapi.Timeout()))
	r := httptest.NewRequest("GET", "/x", nil)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { api.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.Background())) })
}

func TestAClientThatRetriesSurvivesEveryKindOfFault(t *testing.T) {
	for name, fault := range map[string]fakeapi.Fault{
		"status":    fakeapi.Status(502),
		"later":     fakeapi.Status(429).RetryAfter(3 * time.Second),
		"timeout":   fakeapi.Timeout(),
		"reset":     fakeapi.Reset(),
		"truncated": fakeapi.Truncate(0.9),
		"custom": fakeapi.RespondWith(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		})),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(t, fakeapi.Collection("/x", orders(6), fakeapi.ByLink(), fakeapi.PageSize(2)), fakeapi.FailOn("/x", 2, fault))
				client := clientOf(t, api, transport.WithTimeout(time.Minute))
				var got []order
				for row, err := range transport.Records[order](t.Context(), client, transport.Request{Path: "/x"}, paging.LinkHeader{}) {
					require.NoError(t, err)
					got = append(got, row)
				}
				assert.Equal(t, orders(6), got)
				assert.Len(t, api.Requests(), 4)
			})
		})
	}
}

func TestRequestsAreCountedByPatternAndByPath(t *testing.T) {
	of := func(r *http.Request) any { return r.PathValue("id") }
	_, at := serve(t, fakeapi.Object("/o/{id}", of),
		fakeapi.FailOn("/o/{id}", 3, fakeapi.Status(500)), fakeapi.FailOn("/o/7", 2, fakeapi.Status(501)))
	var got []int
	for _, id := range []string{"7", "8", "9", "7", "7"} {
		got = append(got, get(t, at+"/o/"+id).status)
	}
	assert.Equal(t, []int{200, 200, 500, 501, 200}, got)
}

func TestEveryRequestOfThePathCounts(t *testing.T) {
	_, at := serve(t, fakeapi.Object("/x", 1), fakeapi.Bearer("k"), fakeapi.RateLimit(1, time.Hour),
		fakeapi.FailOn("/x", 4, fakeapi.Status(500)), fakeapi.FailOn("/x", 6, fakeapi.Status(502)))
	auth := []string{"Authorization", "Bearer k"}
	assert.Equal(t, 401, get(t, at+"/x").status)
	assert.Equal(t, 200, get(t, at+"/x", auth...).status)
	assert.Equal(t, 429, get(t, at+"/x", auth...).status)
	assert.Equal(t, 500, get(t, at+"/x").status, "with or without credentials")
	assert.Equal(t, 429, ask(t, "POST", at+"/x?q=1", "", auth...).status)
	assert.Equal(t, 502, get(t, at+"/x?q=2", auth...).status)
}

func TestAFaultIsNotAlsoRandom(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Collection("/x", orders(5)), fakeapi.Faults(1, 1), fakeapi.FailOn("/x", 1, fakeapi.Status(507)))
	at, client := quietServer(t, api)
	assert.Equal(t, "507[]", fate(client, at+"/x"))
	var got []bool
	for range 4 {
		got = append(got, fate(client, at+"/x") == "200[]")
	}
	assert.Equal(t, []bool{false, false, false, true}, got)
}

func TestATruncatedResponseWithoutABodyIsAReset(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Collection("/x", orders(5)), fakeapi.FailOn("/x", 2, fakeapi.Truncate(0.5)), fakeapi.FailOn("/x", 3, fakeapi.Truncate(0.5)))
	tag := inMemory(t, api, "/x").header.Get("ETag")
	for _, r := range []*http.Request{httptest.NewRequest("GET", "/x", nil), httptest.NewRequest("HEAD", "/x", nil)} {
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() { api.ServeHTTP(w, r) })
		assert.Empty(t, w.Body.String())
	}
}

func TestOneOfManyConcurrentRequestsFails(t *testing.T) {
	const n, nth = 40, 17
	api, at := serve(t, fakeapi.Object("/x", 1), fakeapi.FailOn("/x", nth, fakeapi.Status(500)))
	var failed atomic.Int32
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			resp, err := http.Get(at + "/x")
			if assert.NoError(t, err) {
				resp.Body.Close()
				if resp.StatusCode == 500 {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, failed.Load())
	assert.Equal(t, 500, api.Requests()[nth-1].Status)
}

func TestACustomFaultCanReadTheBodyAndWriteWithoutAStatus(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	api, at := serve(t, fakeapi.Collection("/x", orders(1), fakeapi.InBody()), fakeapi.FailOn("/x", 1, fakeapi.RespondWith(echo)))
	assert.Equal(t, "hello", ask(t, "POST", at+"/x", "hello").body)
	assert.Equal(t, 200, api.Requests()[0].Status)
}

func TestACustomFaultCanBreakTheConnectionInTheMiddle(t *testing.T) {
	half := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "[1,")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.FailOn("/x", 1, fakeapi.RespondWith(half)))
	at, client := quietServer(t, api)
	assert.Equal(t, "cut", fate(client, at+"/x"))
	assert.Equal(t, 0, api.Requests()[0].Status)
}

func TestInvalidFaultsFailTheTest(t *testing.T) {
	for want, option := range map[string]fakeapi.Option{
		"FailOn /y: it is not a path of the API: it has /x":          fakeapi.FailOn("/y", 1, fakeapi.Reset()),
		"FailOn y: it is not a path":                                 fakeapi.FailOn("y", 1, fakeapi.Reset()),
		"FailOn : it is not a path":                                  fakeapi.FailOn("", 1, fakeapi.Reset()),
		"FailOn /x: the number of the request is 0: want at least 1": fakeapi.FailOn("/x", 0, fakeapi.Reset()),
		"FailOn /x: the fault is empty":                              fakeapi.FailOn("/x", 1, fakeapi.Fault{}),
		"the status is 200: want a number from 400":                  fakeapi.FailOn("/x", 1, fakeapi.Status(200)),
		"only a status has a Retry-After":                            fakeapi.FailOn("/x", 1, fakeapi.Reset().RetryAfter(1)),
		"the Retry-After is -1ns":                                    fakeapi.FailOn("/x", 1, fakeapi.Status(500).RetryAfter(-1)),
		"the share of a truncated body is 1: want":                   fakeapi.FailOn("/x", 1, fakeapi.Truncate(1)),
		"the share of a truncated body is NaN: want":                 fakeapi.FailOn("/x", 1, fakeapi.Truncate(math.NaN())),
		"the handler of RespondWith is nil":                          fakeapi.FailOn("/x", 1, fakeapi.RespondWith(nil)),
		"FailOn /x: request 2 has two faults": func(a *fakeapi.API) {
			fakeapi.FailOn("/x", 2, fakeapi.Reset())(a)
			fakeapi.FailOn("/x", 2, fakeapi.Reset())(a)
		},
		"the rate limit has two options: want at most one":                             fakeapi.RateLimit(1, 1, fakeapi.ForbiddenRetryAfter(), fakeapi.ForbiddenUntilReset()),
		"FailOn /x/: it is not a path of the API: it has /x":                           fakeapi.FailOn("/x/", 1, fakeapi.Reset()),
		strconv.Quote("nothing") + " is not a path: want one that starts with a slash": fakeapi.Object("nothing", 1),
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			fakeapi.New(f, option, fakeapi.Object("/x", 1))
			assert.Contains(t, f.why, want)
		})
	}
}
