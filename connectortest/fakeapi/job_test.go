package fakeapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/format"
)

// A jobAnswer is a job as a client sees it.
type jobAnswer struct {
	ID     string  `json:"id"`
	Status string  `json:"status"`
	URL    *string `json:"url"`
	Error  *string `json:"error"`
}

// jobAt returns the job in a response.
func jobAt(t *testing.T, got answer) (j jobAnswer) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(got.body), &j), got.body)
	return j
}

func TestAJobIsQueuedRunningAndDone(t *testing.T) {
	api, at := serve(t, fakeapi.Export("/exports", orders(3), fakeapi.Since("since", "updated_at")))
	created := ask(t, "POST", at+"/exports", `{"since":"2026-03-01T00:00:01Z"}`)
	assert.Equal(t, 202, created.status)
	assert.Equal(t, at+"/exports/1", created.header.Get("Location"))
	assert.Equal(t, `{"id":"1","status":"queued","url":null,"error":null}`, created.body)

	api.Set("/exports", orders(0)) // does not change the job
	assert.Equal(t, "queued", jobAt(t, get(t, at+"/exports/1")).Status)
	assert.Equal(t, 404, get(t, at+"/exports/1/result").status)
	running := jobAt(t, get(t, at+"/exports/1"))
	assert.Equal(t, "running", running.Status)
	assert.Nil(t, running.URL)
	assert.Equal(t, `{"error":"job 1 has no result: its status is running"}`, get(t, at+"/exports/1/result").body)
	done := get(t, at+"/exports/1")
	assert.Equal(t, `{"id":"1","status":"done","url":"`+at+`/exports/1/result","error":null}`, done.body)
	assert.Empty(t, done.header.Get("Retry-After"))
	result := get(t, *jobAt(t, done).URL)
	assert.Equal(t, `[{"id":9007199254740994,"updated_at":"2026-03-01T00:00:01Z"}]`, result.body)
	assert.NotEmpty(t, result.header.Get("ETag"))

	assert.Equal(t, "2", jobAt(t, ask(t, "POST", at+"/exports", "")).ID)
	assert.Equal(t, 204, ask(t, "DELETE", at+"/exports/1", "").status)
	for _, path := range []string{"/exports/1", "/exports/1/result", "/exports/3"} {
		assert.Equal(t, 404, get(t, at+path).status, path)
	}
	assert.Equal(t, 200, get(t, at+"/exports/2").status)
}

func TestJobsRejectMistakes(t *testing.T) {
	_, at := serve(t, fakeapi.Export("/shops/{shop}/exports", orders(1), fakeapi.Equal("shop", "id")))
	ask(t, "POST", at+"/shops/7/exports", "")
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/shops/7/exports", `{"x":1}`, 400, `/shops/7/exports has no parameter \"x\": it has no parameters`},
		{"POST", "/shops/7/exports?x=1", ``, 400, `takes its parameters from the body, not from the query`},
		{"GET", "/shops/7/exports", ``, 405, "want POST"},
		{"PUT", "/shops/7/exports/1", ``, 405, "want GET or DELETE"},
		{"GET", "/shops/7/exports/1?x=1", ``, 400, `has no parameter \"x\"`},
		{"GET", "/shops/8/exports/1", ``, 404, "/shops/8/exports/1 does not exist: no such job"},
		{"GET", "/shops/7/exports/2", ``, 404, "no such job"},
		{"POST", "/shops/7/exports/1/result", ``, 405, "want GET or HEAD"},
		{"GET", "/shops/7/exports/1/result?signature=1", ``, 400, `has no parameter \"signature\"`},
	} {
		got := ask(t, tt.method, at+tt.path, tt.body)
		assert.Equal(t, tt.status, got.status, tt.path)
		assert.Contains(t, got.body, tt.want)
	}
	assert.Equal(t, 200, get(t, at+"/shops/7/exports/1").status)
}

func TestTheProgressOfAJobCanDependOnPollsOrTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t,
			fakeapi.Export("/polls", orders(1), fakeapi.DoneAfterPolls(0, 2)),
			fakeapi.Export("/now", orders(1), fakeapi.DoneAfterPolls(0, 0)),
			fakeapi.Export("/time", orders(1), fakeapi.DoneAfter(time.Minute, time.Hour)))
		var got []string
		poll := func(path string) {
			got = append(got, jobAt(t, inMemory(t, api, path+"/1")).Status)
		}
		for _, path := range []string{"/polls", "/now", "/time"} {
			api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", path, nil))
		}
		for range 4 {
			poll("/polls")
		}
		poll("/now")
		poll("/time")
		time.Sleep(time.Minute - 1)
		poll("/time")
		time.Sleep(time.Nanosecond)
		poll("/time")
		time.Sleep(time.Hour - 1)
		poll("/time")
		assert.Equal(t, 404, inMemory(t, api, "/time/1/result").status)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 200, inMemory(t, api, "/time/1/result").status, "without a poll")
		poll("/time")
		assert.Equal(t, []string{"running", "running", "done", "done", "done", "queued", "queued", "running", "running", "done"}, got)
	})
}

func TestSomeJobsFail(t *testing.T) {
	_, at := serve(t, fakeapi.Export("/exports", orders(1), fakeapi.DoneAfterPolls(0, 1),
		fakeapi.FailJobs("out of memory", 2), fakeapi.FailJobs("timeout", 3, 4)))
	for i, want := range []string{"done", "out of memory", "timeout", "timeout", "done"} {
		job := at + "/exports/" + jobAt(t, ask(t, "POST", at+"/exports", "")).ID
		assert.Equal(t, "running", jobAt(t, get(t, job)).Status)
		got := jobAt(t, get(t, job))
		if want == "done" {
			assert.Equal(t, "done", got.Status, i)
			assert.Nil(t, got.Error)
			continue
		}
		assert.Equal(t, "failed", got.Status, i)
		assert.Equal(t, want, *got.Error)
		assert.Nil(t, got.URL)
		assert.Equal(t, 404, get(t, job+"/result").status)
	}
}

func TestResultsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t,
			fakeapi.Export("/polls", orders(1), fakeapi.DoneAfterPolls(0, 1), fakeapi.ExpireResults(time.Hour)),
			fakeapi.Export("/time", orders(1), fakeapi.DoneAfter(0, time.Minute), fakeapi.ExpireResults(time.Hour)))
		for _, path := range []string{"/polls", "/time"} {
			api.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", path, nil))
		}
		status := func(path string) string { return jobAt(t, inMemory(t, api, path)).Status }
		time.Sleep(time.Hour + time.Minute - 1)
		assert.Equal(t, "done", status("/time/1"))
		assert.Equal(t, "running", status("/polls/1"))
		assert.Equal(t, "done", status("/polls/1"), "its time begins now")
		assert.Equal(t, 200, inMemory(t, api, "/time/1/result").status)
		time.Sleep(time.Nanosecond)
		got := inMemory(t, api, "/time/1/result")
		assert.Equal(t, 410, got.status)
		assert.Equal(t, `{"error":"the result of job 1 has expired"}`, got.body)
		assert.Equal(t, "expired", status("/time/1"))
		time.Sleep(time.Hour - 2)
		assert.Equal(t, 200, inMemory(t, api, "/polls/1/result").status)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 410, inMemory(t, api, "/polls/1/result").status)
	})
}

func TestJobsTakeTheFormOfTheRealAPI(t *testing.T) {
	_, at := serve(t, fakeapi.Export("/reports", orders(1), fakeapi.RespondCreated(), fakeapi.PollEvery(1500*time.Millisecond),
		fakeapi.JobFields("report.id", "report.state", "links.file", "report.reason"),
		fakeapi.JobStatuses("PENDING", "IN_PROGRESS", "OK", "KO", "GONE"), fakeapi.DoneAfterPolls(0, 1)))
	got := ask(t, "POST", at+"/reports", "")
	assert.Equal(t, 201, got.status)
	assert.Equal(t, "2", got.header.Get("Retry-After"))
	assert.Equal(t, `{"report":{"id":"1","state":"PENDING","reason":null},"links":{"file":null}}`, got.body)
	got = get(t, at+"/reports/1")
	assert.Contains(t, got.body, `"IN_PROGRESS"`)
	assert.Equal(t, "2", got.header.Get("Retry-After"))
	got = get(t, at+"/reports/1")
	assert.Equal(t, `{"report":{"id":"1","state":"OK","reason":null},"links":{"file":"`+at+`/reports/1/result"}}`, got.body)
	assert.Empty(t, got.header.Get("Retry-After"))
}

func TestAResultOnAnotherHostNeedsASignatureAndNoCredentials(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Bearer("key-0123456789"), fakeapi.RateLimit(3, time.Hour),
		fakeapi.Export("/exports", orders(1), fakeapi.ResultHost("files.test"), fakeapi.DoneAfterPolls(0, 0)))
	send := func(method, address, key string) answer {
		r := httptest.NewRequest(method, address, nil)
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return answer{w.Code, w.Header(), w.Body.String()}
	}
	send("POST", "http://shop.test/exports", "key-0123456789")
	result := *jobAt(t, send("GET", "http://shop.test/exports/1", "key-0123456789")).URL
	assert.Regexp(t, `^http://files\.test/exports/1/result\?signature=.{20}`, result)
	assert.Equal(t, 200, send("GET", result, "").status)
	got := send("GET", result, "key-0123456789")
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, "a client must not send them to another host")
	assert.Equal(t, 403, send("GET", result+"0", "").status)
	assert.Equal(t, 403, send("GET", "http://files.test/exports/1/result", "").status)
	assert.Equal(t, 404, send("GET", strings.Replace(result, "files", "shop", 1), "key-0123456789").status)
	assert.Equal(t, 401, send("GET", strings.Replace(result, "files", "shop", 1), "").status)
	assert.Equal(t, 401, send("GET", "http://files.test/exports/1", "").status)
}

// clientJob is the job of a client for the exports of an API.
var clientJob = transport.Job{
	Create: transport.Request{Method: "POST", Path: "/exports", Body: map[string]string{"since": "2026-03-01T00:00:01Z"}}, IDAt: "id",
	Poll:     func(id string) transport.Request { return transport.Request{Path: "/exports/" + id} },
	StatusAt: "status", Done: []string{"done"}, Failed: []string{"failed", "expired"}, ResultURLAt: "url",
	Delete: func(id string) transport.Request {
		return transport.Request{Method: "DELETE", Path: "/exports/" + id}
	},
}

func TestAClientOfPackageTransportRunsAJobFromStartToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Bearer("key-0123456789"),
			fakeapi.Export("/exports", orders(8), fakeapi.Since("since", "updated_at"), fakeapi.AsCSV(), fakeapi.GzipFile(),
				fakeapi.DoneAfter(time.Minute, 10*time.Minute), fakeapi.PollEvery(30*time.Second), fakeapi.ResultHost("files.test")),
			fakeapi.FailOn("/exports/1", 2, fakeapi.Status(502)),
			fakeapi.FailOn("/exports/{job}/result", 1, fakeapi.Reset()))
		client := clientOf(t, api, transport.WithAuth(auth.Bearer("key-0123456789")))
		start := time.Now()
		var got []order
		for row, err := range transport.Report[order](t.Context(), client, clientJob, format.Gzip(format.CSV{})) {
			require.NoError(t, err)
			got = append(got, row)
		}
		assert.Equal(t, orders(8)[2:], got)
		assert.InDelta(t, 11*time.Minute, time.Since(start), float64(time.Minute))
		requests := api.Requests()
		assert.Equal(t, "DELETE", requests[len(requests)-1].Method)
		assert.Equal(t, 204, requests[len(requests)-1].Status)
		assert.InDelta(t, 24, len(requests), 4, "the client obeys the Retry-After")
	})
}

func TestTheURLOfAResultExpiresAndAPollReturnsANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Export("/exports", orders(2), fakeapi.ResultHost("files.test"), fakeapi.ExpireLinks(time.Minute), fakeapi.DoneAfterPolls(0, 0)))
		send := func(method, address string) answer {
			w := httptest.NewRecorder()
			api.ServeHTTP(w, httptest.NewRequest(method, address, nil))
			return answer{w.Code, w.Header(), w.Body.String()}
		}
		send("POST", "http://shop.test/exports")
		first := *jobAt(t, send("GET", "http://shop.test/exports/1")).URL
		assert.Equal(t, 200, send("GET", first).status)
		time.Sleep(time.Minute)
		got := send("GET", first)
		assert.Equal(t, 403, got.status)
		assert.Contains(t, got.body, "the URL has expired")
		assert.Equal(t, 403, send("GET", strings.Replace(first, "expires=", "expires=9", 1)).status, "the signature covers it")
		assert.Equal(t, 403, send("GET", first[:strings.Index(first, "?")]+"?signature=x").status)
		assert.Equal(t, 200, send("GET", *jobAt(t, send("GET", "http://shop.test/exports/1")).URL).status)
	})
}

func TestAClientOfPackageTransportReplacesAnExpiredURL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Export("/exports", orders(8), fakeapi.Since("since", "updated_at"), fakeapi.AsCSV(),
			fakeapi.ResultHost("files.test"), fakeapi.ExpireLinks(time.Millisecond)),
			fakeapi.FailOn("/exports/{job}/result", 1, fakeapi.Status(503)))
		var got []order
		for row, err := range transport.Report[order](t.Context(), clientOf(t, api), clientJob, format.CSV{}) {
			require.NoError(t, err)
			got = append(got, row)
		}
		assert.Equal(t, orders(8)[2:], got)
		var statuses []int
		for _, r := range api.Requests() {
			if strings.HasSuffix(r.Path, "/result") {
				statuses = append(statuses, r.Status)
			}
		}
		assert.Equal(t, []int{503, 403, 200}, statuses)
	})
}

func TestAClientOfPackageTransportSeesAFailedJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Export("/exports", orders(1), fakeapi.Since("since", "updated_at"), fakeapi.FailJobs("out of memory")))
		_, err := clientJob.Run(t.Context(), clientOf(t, api))
		assert.ErrorIs(t, err, transport.ErrJobFailed)
		assert.ErrorContains(t, err, "out of memory")
	})
}

func TestJobsAreSafeForConcurrentUse(t *testing.T) {
	api, at := serve(t, fakeapi.Export("/exports", orders(2), fakeapi.ExpireResults(time.Hour)))
	var mu sync.Mutex
	ids := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			resp, err := http.Post(at+"/exports", "application/json", nil)
			if !assert.NoError(t, err) {
				return
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			api.Set("/exports", orders(3))
			for range 3 {
				resp, err := http.Get(resp.Header.Get("Location"))
				if assert.NoError(t, err) {
					body, _ = io.ReadAll(resp.Body)
					resp.Body.Close()
				}
			}
			var j jobAnswer
			assert.NoError(t, json.Unmarshal(body, &j))
			assert.Equal(t, "done", j.Status)
			mu.Lock()
			defer mu.Unlock()
			ids[j.ID] = true
		})
	}
	all.Wait()
	assert.Len(t, ids, 8)
}

func TestInvalidExportsFailTheTest(t *testing.T) {
	for want, options := range map[string][]fakeapi.ExportOption{
		"export /e: the result of an export has no pages":                  {fakeapi.ByLink()},
		"there is a page size, but no option for paging":                   {fakeapi.PageSize(3)},
		"option InBody is not necessary":                                   {fakeapi.InBody()},
		"the options Total and HasMore do not apply":                       {fakeapi.Total("total")},
		"option AsCSV leaves no room for the fields of the response: data": {fakeapi.AsCSV(), fakeapi.Under("data")},
		"DoneAfterPolls has -1 and 0 polls":                                {fakeapi.DoneAfterPolls(-1, 0)},
		"DoneAfter has the durations 0s and -1ns":                          {fakeapi.DoneAfter(0, -1)},
		"there are two options for the progress of a job":                  {fakeapi.DoneAfterPolls(1, 1), fakeapi.DoneAfter(1, 1)},
		"FailJobs has no reason":                                           {fakeapi.FailJobs("")},
		"FailJobs has the number 0":                                        {fakeapi.FailJobs("x", 0)},
		"results expire after 0s":                                          {fakeapi.ExpireResults(0)},
		"the wait between polls is 0s":                                     {fakeapi.PollEvery(0)},
		"a field of JobFields has no name":                                 {fakeapi.JobFields("", "b", "c", "d")},
		"the fields a and a.b of a job overlap":                            {fakeapi.JobFields("a", "a.b", "c", "d")},
		`the status "a" of JobStatuses is empty or occurs twice`:           {fakeapi.JobStatuses("a", "b", "c", "a", "e")},
		`the host of results is "http://files.test"`:                       {fakeapi.ResultHost("http://files.test")},
		"the URLs of results expire after 0s":                              {fakeapi.ResultHost("files.test"), fakeapi.ExpireLinks(0)},
		"option ExpireLinks requires ResultHost":                           {fakeapi.ExpireLinks(time.Hour)},
	} {
		t.Run(want, func(t *testing.T) {
			f := &failing{TB: t}
			fakeapi.New(f, fakeapi.Export("/e", orders(2), options...))
			assert.Contains(t, f.why, want)
		})
	}
	f := &failing{TB: t}
	fakeapi.New(f, fakeapi.Export("/e", 7), fakeapi.Export("/f/{job}", func(*http.Request) []int { return nil }))
	assert.Contains(t, f.why, "export /e: want a slice, not int")
	assert.Contains(t, f.why, "/f/{job}/{job}: the path is invalid or taken")
}
