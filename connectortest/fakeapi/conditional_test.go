package fakeapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
)

func TestAnETagChangesExactlyIfTheContentDoes(t *testing.T) {
	api, at := serve(t,
		fakeapi.Collection("/rows", orders(3), fakeapi.ByPage("page", ""), fakeapi.PageSize(2)),
		fakeapi.Collection("/csv", orders(3), fakeapi.AsCSV()),
		fakeapi.Object("/one", 1),
		fakeapi.Object("/f", func(*http.Request) any { return 1 }))
	tag := func(path string) string {
		got := get(t, at+path)
		require.Equal(t, 200, got.status)
		require.Regexp(t, `^"[!#-~]+"$`, got.header.Get("ETag"))
		assert.Equal(t, got.header.Get("ETag"), ask(t, "HEAD", at+path, "").header.Get("ETag"))
		return got.header.Get("ETag")
	}
	first, second, csv, one := tag("/rows"), tag("/rows?page=2"), tag("/csv"), tag("/one")
	assert.Equal(t, one, tag("/f"))
	assert.NotEqual(t, first, second)
	assert.NotEqual(t, tag("/rows"), csv)

	api.Set("/rows", orders(3))
	assert.Equal(t, first, tag("/rows"))
	api.Set("/rows", orders(4))
	assert.Equal(t, first, tag("/rows"))
	assert.NotEqual(t, second, tag("/rows?page=2"))
	api.Set("/one", 2)
	assert.NotEqual(t, one, tag("/one"))
	assert.Empty(t, get(t, at+"/none").header.Get("ETag"))
}

func TestAnETagCoversTheLinkToTheNextPage(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/rows", orders(2), fakeapi.ByLink(), fakeapi.PageSize(2)))
	before := get(t, at+"/rows")
	api.Set("/rows", orders(3))
	after := get(t, at+"/rows", "If-None-Match", before.header.Get("ETag"))
	assert.Equal(t, 200, after.status, "the page has the same rows, but now there is another one")
	assert.Equal(t, before.body, after.body)
	same := get(t, at+"/rows", "If-None-Match", after.header.Get("ETag"))
	assert.Equal(t, 304, same.status)
	assert.Equal(t, after.header.Get("Link"), same.header.Get("Link"))
}

func TestIfNoneMatchComparesWeakly(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/rows", orders(2)))
	tag := get(t, at+"/rows").header.Get("ETag")
	for value, want := range map[string]int{
		tag:                           304,
		"W/" + tag:                    304,
		`"a", ` + tag:                 304,
		`"a,b",W/"c" ,` + tag + `,"d`: 400,
		`"a,b",W/"c" ,` + tag:         304,
		", ," + tag + ", ":            304,
		"*":                           304,
		" * ":                         304,
		`"a"`:                         200,
		`""`:                          200,
		`W/"a", "b"`:                  200,
		strings.Trim(tag, `"`):        400,
		"w/" + tag:                    400,
		`W/ ` + tag:                   400,
		`"a" "b"`:                     400,
		`"a b"`:                       400,
		`*, "a"`:                      400,
		"":                            400,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			got := ask(t, method, at+"/rows", "", "If-None-Match", value)
			assert.Equal(t, want, got.status, value)
			if want == 304 {
				assert.Empty(t, got.body)
				assert.Equal(t, tag, got.header.Get("ETag"))
				assert.Empty(t, got.header.Get("Content-Type"))
				assert.Empty(t, got.header.Get("Content-Length"))
			}
		}
	}
	requests := api.Requests()
	assert.Contains(t, []int{200, 304, 400}, requests[len(requests)-1].Status)
}

func TestIfNoneMatchMayBeOnSeveralLines(t *testing.T) {
	api := fakeapi.New(t, fakeapi.Object("/x", 1))
	tag := inMemory(t, api, "/x").header.Get("ETag")
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://fake.test/x", nil)
	require.NoError(t, err)
	req.Header["If-None-Match"] = []string{`"a"`, tag}
	resp, err := recorded{api}.RoundTrip(req)
	require.NoError(t, err)
	assert.Equal(t, 304, resp.StatusCode)
}

func TestErrorsAndPostsIgnoreConditions(t *testing.T) {
	_, at := serve(t, fakeapi.Collection("/search", orders(2), fakeapi.InBody()), fakeapi.Collection("/rows", orders(2)))
	assert.Equal(t, 404, get(t, at+"/none", "If-None-Match", "*").status)
	assert.Equal(t, 400, get(t, at+"/rows?x=1", "If-None-Match", "*").status)
	got := ask(t, "POST", at+"/search", `{}`, "If-None-Match", "*")
	assert.Equal(t, 200, got.status)
	assert.Empty(t, got.header.Get("ETag"))
}

func TestNoChangeIsMissedByItsDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Collection("/x", orders(1)), fakeapi.Object("/f", func(*http.Request) any { return 1 }))
		ask := func(since string) answer {
			t.Helper()
			w := recorded{api}
			req, err := http.NewRequestWithContext(t.Context(), "GET", "http://fake.test/x", nil)
			require.NoError(t, err)
			if since != "" {
				req.Header.Set("If-Modified-Since", since)
			}
			resp, err := w.RoundTrip(req)
			require.NoError(t, err)
			return answer{status: resp.StatusCode, header: resp.Header}
		}
		start := time.Now()
		first := ask("").header.Get("Last-Modified")
		assert.Equal(t, start.Add(-time.Second).UTC().Format(http.TimeFormat), first)
		assert.Equal(t, 304, ask(first).status)

		api.Set("/x", orders(1)) // the same
		assert.Equal(t, 304, ask(first).status)

		api.Set("/x", orders(2))
		second := ask(first)
		assert.Equal(t, 200, second.status)
		assert.Equal(t, start.UTC().Format(http.TimeFormat), second.header.Get("Last-Modified"))
		assert.Equal(t, 304, ask(second.header.Get("Last-Modified")).status)

		api.Set("/x", orders(3)) // in the same second
		third := ask(second.header.Get("Last-Modified"))
		assert.Equal(t, 200, third.status)
		assert.Empty(t, third.header.Get("Last-Modified"), "it would be in the future")
		assert.Equal(t, 200, ask(start.Add(time.Hour).UTC().Format(http.TimeFormat)).status, "there is no date to compare with")
		time.Sleep(time.Second)
		fourth := ask(second.header.Get("Last-Modified"))
		assert.Equal(t, 200, fourth.status)
		assert.Equal(t, time.Now().UTC().Format(http.TimeFormat), fourth.header.Get("Last-Modified"))

		time.Sleep(time.Hour)
		assert.Equal(t, 304, ask(time.Now().UTC().Format(http.TimeFormat)).status)
		assert.Equal(t, 200, ask("yesterday").status, "RFC 9110 §13.1.3: an invalid date is ignored")
		assert.Equal(t, 304, ask(start.Add(time.Hour).UTC().Format(time.RFC850)).status, "obsolete, but valid")
		api.Set("/x", orders(4))
		assert.Equal(t, 200, ask(start.Add(time.Hour).UTC().Format(http.TimeFormat)).status)
		assert.Empty(t, inMemory(t, api, "/f").header.Get("Last-Modified"), "a function may return another value each time")
	})
}

func TestIfNoneMatchPrecedesIfModifiedSince(t *testing.T) {
	_, at := serve(t, fakeapi.Object("/x", 1))
	got := get(t, at+"/x")
	date, tag := got.header.Get("Last-Modified"), got.header.Get("ETag")
	assert.Equal(t, 200, get(t, at+"/x", "If-None-Match", `"a"`, "If-Modified-Since", date).status)
	assert.Equal(t, 304, get(t, at+"/x", "If-None-Match", tag, "If-Modified-Since", "Mon, 01 Jan 1990 00:00:00 GMT").status)
}

func TestAClientOfPackageTransportReadsOnlyWhatHasChanged(t *testing.T) {
	api, at := serve(t, fakeapi.Collection("/x", orders(2)))
	client, err := transport.New(at, transport.WithRules(transport.Rule{Status: 304, Do: transport.DoIgnore}))
	require.NoError(t, err)
	tag := ""
	read := func() (rows []order) {
		request := transport.Request{Path: "/x", Header: http.Header{}}
		if tag != "" {
			request.Header.Set("If-None-Match", tag)
		}
		resp, err := client.Do(t.Context(), request)
		require.NoError(t, err)
		tag = resp.Header.Get("ETag")
		if resp.Status == 200 {
			require.NoError(t, json.Unmarshal(resp.Body, &rows))
		}
		return rows
	}
	assert.Equal(t, orders(2), read())
	assert.Empty(t, read())
	api.Set("/x", orders(3))
	assert.Equal(t, orders(3), read())
}
