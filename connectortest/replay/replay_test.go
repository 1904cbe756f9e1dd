package replay_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/replay"
	"github.com/penstock-sdk/penstock/transport"
)

const key = `s3cr3t/+"é k<y>\x`

// fakeTB is a test that records its failures.
type fakeTB struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	cleanups []func()
	skipped  bool
}

type fatal string

func (t *fakeTB) Helper()                   {}
func (t *fakeTB) Name() string              { return "TestOrders/first" }
func (t *fakeTB) Logf(string, ...any)       {}
func (t *fakeTB) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *fakeTB) Skipped() bool             { return t.skipped }
func (t *fakeTB) Failed() bool              { return len(t.failures()) > 0 }
func (t *fakeTB) Fatalf(s string, a ...any) { panic(fatal(fmt.Sprintf(s, a...))) }
func (t *fakeTB) Errorf(s string, a ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errors = append(t.errors, fmt.Sprintf(s, a...))
}

func (t *fakeTB) failures() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errors
}

// during runs a test with a recording and returns its failures.
func during(path string, use func(*fakeTB, http.RoundTripper), options ...replay.Option) (failures []string) {
	tb := &fakeTB{}
	defer func() {
		if r := recover(); r != nil {
			stop, ok := r.(fatal)
			if !ok {
				panic(r)
			}
			failures = []string{string(stop)}
		}
	}()
	use(tb, replay.Open(tb, path, options...))
	for i := range tb.cleanups {
		tb.cleanups[len(tb.cleanups)-1-i]()
	}
	return tb.errors
}

func recording(t testing.TB, on bool) {
	t.Helper()
	require.NoError(t, flag.Set("replay.record", fmt.Sprint(on)))
	if t, ok := t.(*testing.T); ok && on {
		t.Setenv("CI", "")
		t.Cleanup(func() { require.NoError(t, flag.Set("replay.record", "false")) })
	}
}

// do makes a request and returns the response and its body.
func do(t testing.TB, network http.RoundTripper, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	resp, err := try(network, method, url, body, header...)
	require.NoError(t, err)
	read, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp, string(read)
}

func try(network http.RoundTripper, method, url, body string, header ...string) (*http.Response, error) {
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, url, r)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return network.RoundTrip(req)
}

// recorded records the requests of use to a handler. It returns the path of the file,
// the URL of the handler, which is no longer served, and the text of the file.
func recorded(t *testing.T, handler http.HandlerFunc, use func(network http.RoundTripper, url string), options ...replay.Option) (path, url, text string) {
	t.Helper()
	srv := httptest.NewServer(handler)
	defer srv.Close()
	path = filepath.Join(t.TempDir(), "testdata", "recording.yaml")
	recording(t, true)
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { use(n, srv.URL) }, options...))
	recording(t, false)
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, files, 1, "no temporary file is left")
	return path, srv.URL, string(file)
}

func TestARecordingIsReplayedWithoutANetwork(t *testing.T) {
	bodies := map[string]string{
		"/json":   "{\"id\": 9007199254740993,\n  \"name\":\"é\u2028<&>\"}\n",
		"/csv":    "\ufeffa;b\r\n1;2\r\n\r\n",
		"/blank":  "\n\t \n",
		"/tab":    "\n\tx",
		"/binary": "\x00\xff\xfe\n\x80\x1b",
		"/number": "007",
		"/null":   "null",
		"/empty":  "",
		"/long":   strings.Repeat("0123456789 ", 50),
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `</next>; rel="next"`)
		w.Header()["X-Two"] = []string{"a", "b: c"}
		w.WriteHeader(http.StatusPartialContent)
		fmt.Fprint(w, bodies[r.URL.Path])
	}
	use := func(n http.RoundTripper, url string) {
		for path, body := range bodies {
			resp, got := do(t, n, "GET", url+path, "")
			assert.Equal(t, body, got)
			assert.Equal(t, http.StatusPartialContent, resp.StatusCode)
			assert.Equal(t, "206 Partial Content", resp.Status)
			assert.Equal(t, []string{"a", "b: c"}, resp.Header["X-Two"])
			assert.Equal(t, `</next>; rel="next"`, resp.Header.Get("Link"))
			assert.NotNil(t, resp.Request)
		}
	}
	path, url, _ := recorded(t, handler, use)
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { use(n, url) }, replay.Strict()))
}

func TestAScrubbedSecretIsHiddenInEveryForm(t *testing.T) {
	quoted, _ := json.Marshal(key)
	forms := map[string]string{
		"plain":        key,
		"query":        url.QueryEscape(key),
		"path":         url.PathEscape(key),
		"twice":        url.QueryEscape(url.QueryEscape(key)),
		"json":         string(quoted[1 : len(quoted)-1]),
		"slashes":      strings.ReplaceAll(string(quoted[1:len(quoted)-1]), "/", `\/`),
		"ascii":        `s3cr3t\/+\u0022\u00E9\u0020k\u003cy\u003E\\x`,
		"html":         `s3cr3t/+&#34;&eacute; k&lt;y&gt;\x`,
		"hex":          hex.EncodeToString([]byte(key)),
		"HEX":          strings.ToUpper(hex.EncodeToString([]byte(key))),
		"base64":       base64.StdEncoding.EncodeToString([]byte(key)),
		"base64 in 1":  base64.StdEncoding.EncodeToString([]byte("1" + key + "2")),
		"base64 in 2":  base64.URLEncoding.EncodeToString([]byte("12:" + key + ":12")),
		"base64 in 3":  base64.RawURLEncoding.EncodeToString([]byte("user" + key + ":tail")),
		"base64 query": url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("a" + key))),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			handler := func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Echo", "<"+strings.ReplaceAll(form, key, "")+">")
				fmt.Fprint(w, `{"echo":"`+form+`"}`)
			}
			ask := func(n http.RoundTripper, url, form string) {
				do(t, n, "POST", url+"/a", `{"f":"`+form+`"}`, "X-Other", strings.ToValidUTF8(form, ""))
				do(t, n, "POST", url+"/a", "text "+form)
				do(t, n, "POST", url+"/b", "a=1&b="+form, "Content-Type", "application/x-www-form-urlencoded")
			}
			path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) { ask(n, url, form) }, replay.Scrub(key))
			for _, form := range forms {
				assert.NotContains(t, file, form)
			}
			assert.NotContains(t, file, "s3cr3t")
			assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, url, form) }, replay.Scrub(key)))
		})
	}
}

func TestAnotherKeyReplaysTheSame(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	ask := func(n http.RoundTripper, base, key string) {
		pair := base64.StdEncoding.EncodeToString([]byte("user:" + key + ":more"))
		do(t, n, "GET", base+"/accounts/"+url.PathEscape(key)+"/"+base64.RawURLEncoding.EncodeToString([]byte(key))+"/orders?q="+url.QueryEscape(pair), "")
		do(t, n, "POST", base+"/", `{"pair":"`+pair+`","hex":"`+hex.EncodeToString([]byte(key))+`"}`)
	}
	path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) { ask(n, url, "the-real-key-0123456789") }, replay.Scrub("the-real-key-0123456789"))
	assert.NotContains(t, file, "the-real-key")
	for _, other := range []string{"key-of-tests", "another-key!", "0123456789abcdef0123456789abcdef"} {
		assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, url, other) }, replay.Scrub(other), replay.Strict()))
	}
}

func TestValuesWithSecretNamesAreHidden(t *testing.T) {
	const token, session, signed = "tok-0123456789abcdef", "sess-0123456789abcdef", "0badc0ffee0badc0ffee"
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "sid=cookie-0123456789; Path=/; Max-Age=60; HttpOnly")
		w.Header().Set("X-Next-Page-Token", "page-7")
		w.Header().Set("Location", "https://files.example.com/a?X-Amz-Signature="+signed+"&part=1")
		fmt.Fprintf(w, `{ "access_token" : "%s", "session": "%s", "next_page_token": "page-7", "url": "https://files.example.com/a?part=1\u0026sig=%s&x=2" }`, token, session, signed)
	}
	ask := func(n http.RoundTripper, url, token, session string) {
		do(t, n, "POST", url+"/token", "grant_type=authorization_code&client_id=app&client_secret=cs-1&code=co-1&password=pw-1&assertion=as-1&refresh_token=rt-1",
			"Content-Type", "application/x-www-form-urlencoded")
		do(t, n, "POST", url+"/login", `{"user":"u","password":"pw-\"1","refreshToken":"rt-1"}`, "Content-Type", "application/json")
		do(t, n, "GET", url+"/orders?api_key=ak-1&sig=sg-1&page_token=page-7&monkey=1", "",
			"Authorization", "Bearer "+token, "X-Api-Key", "ak-1", "X-Session", session, "Cookie", "sid=cookie-0123456789")
	}
	path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) { ask(n, url, token, session) })
	for _, secret := range []string{token, session, signed, "cs-1", "co-1", "pw-", "as-1", "rt-1", "ak-1", "sg-1", "cookie-", "Max-Age", "Date:"} {
		assert.NotContains(t, file, secret)
	}
	for _, kept := range []string{"client_id=app", "page_token=page-7", "monkey=1", "page-7", "sid=[redacted]; Path=/; HttpOnly", `part=1&sig=[redacted]&x=2`, "part=1"} {
		assert.Contains(t, file, kept)
	}
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
		resp, body := do(t, n, "POST", url+"/login", `{"user":"u","password":"other","refreshToken":"other"}`, "Content-Type", "application/json")
		var got struct {
			Token   string `json:"access_token"`
			Session string
		}
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		assert.Equal(t, int64(len(body)), resp.ContentLength)
		assert.Equal(t, fmt.Sprint(len(body)), resp.Header.Get("Content-Length"))
		assert.Equal(t, "sid", resp.Cookies()[0].Name)
		ask(n, url, got.Token, got.Session)
	}))
}

func TestACredentialOfBasicAuthenticationIsHiddenElsewhereToo(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "you are %s with %s", user, password)
	}
	basic := func(pair string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)) }
	_, _, file := recorded(t, handler, func(n http.RoundTripper, url string) {
		do(t, n, "GET", url+"/1", "", "Authorization", basic("user-0123456789-0123456789:password-0123456789"))
		do(t, n, "GET", url+"/2", "", "Authorization", basic("key-0123456789-abcdef:"))
		do(t, n, "GET", "http://me:pw@"+strings.TrimPrefix(url, "http://")+"/3", "")
	})
	assert.Contains(t, file, "you are user-0123456789-0123456789 with [redacted]")
	assert.Contains(t, file, "'you are [redacted] with '")
	assert.NotContains(t, file, "me:pw")
}

func TestKeepPreservesValuesThatOnlySoundSecret(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.FormValue("key")) }
	ask := func(n http.RoundTripper, url string) {
		for _, name := range []string{"a.csv", "b.csv"} {
			_, body := do(t, n, "GET", url+"/object?key="+name, "", "X-Partition-Key", "p-1")
			assert.Equal(t, name, body)
		}
	}
	keep := replay.Keep("KEY", "x-partition-key")
	path, url, file := recorded(t, handler, ask, keep)
	assert.Contains(t, file, "p-1")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, url); ask(n, url) }, keep))
}

func TestCompressedBodiesAreStoredDecoded(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, `{"key":"the-secret-key"}`)
		z.Close()
	}
	var sent bytes.Buffer
	z := gzip.NewWriter(&sent)
	fmt.Fprint(z, `{"b":1,"a":"the-secret-key"}`)
	z.Close()
	ask := func(n http.RoundTripper, url string) (*http.Response, string) {
		return do(t, n, "POST", url, sent.String(), "Accept-Encoding", "gzip, br", "Content-Encoding", "gzip")
	}
	path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) {
		resp, body := ask(n, url)
		assert.Equal(t, "gzip", resp.Header.Get("Content-Encoding"), "while recording, a response is not changed")
		assert.True(t, strings.HasPrefix(body, "\x1f\x8b"))
	}, replay.Scrub("the-secret-key"))
	assert.NotContains(t, file, "the-secret-key")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
		resp, body := ask(n, url)
		assert.Equal(t, `{"key":"[redacted]"}`, body)
		assert.Empty(t, resp.Header.Get("Content-Encoding"))
		assert.Equal(t, fmt.Sprint(len(body)), resp.Header.Get("Content-Length"))
		do(t, n, "POST", url, `{"a":"the-secret-key","b":1}`)
	}, replay.Scrub("the-secret-key")))
}

func TestEqualRequestsGetTheirResponsesInOrderAndThenTheLastOne(t *testing.T) {
	var polls atomic.Int64
	handler := func(w http.ResponseWriter, r *http.Request) {
		if polls.Add(1) < 3 {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		fmt.Fprint(w, "ready")
	}
	path, url, file := recorded(t, handler, func(n http.RoundTripper, url string) {
		for range 10 {
			do(t, n, "GET", url+"/job", "")
		}
	})
	assert.Equal(t, 3, strings.Count(file, "method: GET"), "repeated responses at the end are omitted")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) {
		var got []int
		for range 5 {
			resp, _ := do(t, n, "GET", url+"/job", "")
			got = append(got, resp.StatusCode)
		}
		assert.Equal(t, []int{202, 202, 200, 200, 200}, got)
	}))
}

func TestRequestsAreComparedByMeaning(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, recorded, asked, body, askedBody, contentType string
		options                                             []replay.Option
		differs                                             string
	}{
		{name: "order of parameters", recorded: "/a?x=1&y=%41&x=2", asked: "/a?y=A&x=1&x=2"},
		{name: "order of values", recorded: "/a?x=1&x=2", asked: "/a?x=2&x=1", differs: `query parameter x: "1", "2" was recorded, "2", "1" was sent`},
		{name: "a malformed query", recorded: "/a?x;y=%zz", asked: "/a?x;y=%zz"},
		{name: "another value", recorded: "/a?since=2026-01-02", asked: "/a?since=2026-01-03", differs: `query parameter since: "2026-01-02" was recorded, "2026-01-03" was sent`},
		{name: "another parameter", recorded: "/a", asked: "/a?page=2", differs: `query parameter page: nothing was recorded, "2" was sent`},
		{name: "ignored parameter", recorded: "/a?now=1", asked: "/a?NOW=2", options: []replay.Option{replay.Ignore("Now")}},
		{name: "another path", recorded: "/a", asked: "/b", differs: `path: "/a" was recorded, "/b" was sent`},
		{name: "spacing and order of JSON", recorded: "/", asked: "/", body: `{"a":1.0,"b":[1,2]}`, askedBody: "{\"b\": [1, 2],\n \"a\": 1.0}"},
		{name: "digits of JSON", recorded: "/", asked: "/", body: `{"a":9007199254740993}`, askedBody: `{"a":9007199254740992}`, differs: "body path .a: 9007199254740993 was recorded, 9007199254740992 was sent"},
		{name: "a path in JSON", recorded: "/", asked: "/", body: `{"filter":{"x":1}}`, askedBody: `{"filter":{"x":2}}`, differs: "body path .filter.x: 1 was recorded, 2 was sent"},
		{name: "a missing member of JSON", recorded: "/", asked: "/", body: `{"filter":[{"x":1},2]}`, askedBody: `{"filter":[{}]}`, differs: "body path .filter.0.x: 1 was recorded, nothing was sent; body path .filter.1: 2 was recorded"},
		{name: "order of a form", recorded: "/", asked: "/", body: "a=1&b=+", askedBody: "b=%20&a=1", contentType: form},
		{name: "a field of a form", recorded: "/", asked: "/", body: "a=1", askedBody: "a=2", contentType: form, differs: `form field a: "1" was recorded, "2" was sent`},
		{name: "text", recorded: "/", asked: "/", body: "<a/>", askedBody: "<a />", contentType: "text/xml", differs: "body: 4 bytes were recorded and 5 were sent; the first difference is at byte 2"},
		{name: "no body", recorded: "/", asked: "/", body: "{}", differs: "body: JSON was recorded, nothing was sent"},
		{name: "a secret that is missing from Scrub", recorded: "/?api_key=a", asked: "/", differs: `query parameter api_key: "[redacted]" was recorded, nothing was sent`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, url, _ := recorded(t, handler, func(n http.RoundTripper, url string) {
				do(t, n, "GET", url+"/far/away", "")
				do(t, n, "POST", url+c.recorded, c.body, "Content-Type", c.contentType)
			}, c.options...)
			failures := during(path, func(tb *fakeTB, n http.RoundTripper) {
				_, err := try(n, "POST", url+c.asked, c.askedBody, "Content-Type", c.contentType)
				if c.differs == "" {
					assert.NoError(t, err)
					return
				}
				assert.ErrorIs(t, err, replay.ErrNotRecorded)
				assert.ErrorContains(t, err, "the nearest is exchange 1, POST")
				assert.ErrorContains(t, err, c.differs)
				assert.ErrorContains(t, err, "; to record again: go test -run '^TestOrders$' -replay.record")
				_, err = try(n, "POST", url+c.asked, c.askedBody, "Content-Type", c.contentType)
				assert.Error(t, err)
				assert.Len(t, tb.failures(), 1, "the test fails once")
			}, c.options...)
			assert.Equal(t, c.differs != "", len(failures) == 1)
		})
	}
}

func TestAHostMakesNoDifferenceIfIgnored(t *testing.T) {
	path, _, _ := recorded(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }, func(n http.RoundTripper, url string) {
		do(t, n, "GET", url+"/a?x=1", "")
	})
	use := func(_ *fakeTB, n http.RoundTripper) { _, _ = try(n, "GET", "https://shop.example.com/a?x=1", "") }
	assert.Contains(t, during(path, use)[0], `was recorded, "https://shop.example.com" was sent`)
	assert.Empty(t, during(path, use, replay.IgnoreHost()))
}

func TestADifferenceThatMayBeASecretIsNotShown(t *testing.T) {
	handler := func(w http.ResponseWriter, _ *http.Request) {}
	path, url, _ := recorded(t, handler, func(n http.RoundTripper, url string) { do(t, n, "GET", url+"/?user=hunter-2-hunter", "") }, replay.Scrub("hunter-2-hunter"))
	failures := during(path, func(_ *fakeTB, n http.RoundTripper) { _, _ = try(n, "GET", url+"/?user=hunter-3-hunter", "") })
	assert.Contains(t, failures[0], "which is not shown because it may be a secret that is missing from Scrub")
}

func TestARequestThatWasNotRecordedIsNotRepeatedByTransport(t *testing.T) {
	path, url, _ := recorded(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }, func(n http.RoundTripper, url string) { do(t, n, "GET", url+"/a", "") })
	failures := during(path, func(_ *fakeTB, n http.RoundTripper) {
		client, err := transport.New(url)
		require.NoError(t, err)
		_, err = client.Do(transport.NewContext(t.Context(), n), transport.Request{Path: "/b"})
		var failed *transport.Error
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, 1, failed.Attempts)
		assert.False(t, failed.Temporary() || failed.Configuration())
		assert.ErrorIs(t, err, replay.ErrNotRecorded)
		assert.ErrorContains(t, err, `path: "/a" was recorded, "/b" was sent`)
	})
	assert.Len(t, failures, 1)
}

func TestOnlyATestThatPassesWritesTheFile(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/br" {
			w.Header().Set("Content-Encoding", "br")
		}
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "100")
		}
		fmt.Fprint(w, "x")
	}))
	defer srv.Close()
	for _, c := range []struct {
		name, want string
		use        func(tb *fakeTB, n http.RoundTripper)
		options    []replay.Option
	}{
		{name: "failed", want: "own failure", use: func(tb *fakeTB, n http.RoundTripper) {
			do(t, n, "GET", srv.URL, "")
			tb.Errorf("own failure")
		}},
		{name: "skipped", use: func(tb *fakeTB, n http.RoundTripper) { tb.skipped = true }},
		{name: "no request", want: "no request through the round tripper of replay.Open got a response", use: func(*fakeTB, http.RoundTripper) {}},
		{name: "a response that is cut off", want: "no request through the round tripper of replay.Open got a response", use: func(_ *fakeTB, n http.RoundTripper) {
			_, err := try(n, "GET", srv.URL+"/cut", "")
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}},
		{name: "unknown compression", want: `the content encoding "br" cannot be searched for secrets`, use: func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", srv.URL+"/br", "") }},
		{name: "an empty secret", want: "value 2 of Scrub is too short", use: func(*fakeTB, http.RoundTripper) {}, options: []replay.Option{replay.Scrub("long-enough", "")}},
		{name: "a secret that cannot be hidden", want: "would contain secret 1", options: []replay.Option{replay.Scrub("headers")},
			use: func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", srv.URL, "") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			recording(t, true)
			path := filepath.Join(t.TempDir(), "recording.yaml")
			require.NoError(t, os.WriteFile(path, []byte("as it was"), 0o600))
			failures := during(path, c.use, c.options...)
			assert.Contains(t, strings.Join(failures, "\n"), c.want)
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, "as it was", string(file))
			files, _ := os.ReadDir(filepath.Dir(path))
			assert.Len(t, files, 1)
		})
	}
}

func TestRecordingIsRefusedInContinuousIntegration(t *testing.T) {
	recording(t, true)
	t.Setenv("CI", "true")
	failures := during("recording.yaml", func(*fakeTB, http.RoundTripper) { t.Error("must not be reached") })
	assert.Contains(t, failures[0], "continuous integration")
}

func TestAMissingOrBrokenFileIsReportedWithTheCommandThatRecordsIt(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"missing.yaml": "", "text.yaml": "hello", "old.yaml": "version: 1\ninteractions: []", "empty.yaml": "version: 2\ninteractions: [null]",
		"status.yaml": "version: 2\ninteractions: [{request: {url: /}}]",
	} {
		if text != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
		failures := during(filepath.Join(dir, name), func(*fakeTB, http.RoundTripper) { t.Error("must not be reached") })
		assert.Contains(t, failures[0], name)
		assert.Contains(t, failures[0], "go test -run '^TestOrders$' -replay.record")
	}
}

func TestStrictReportsRequestsThatWereNotMade(t *testing.T) {
	path, url, _ := recorded(t, func(http.ResponseWriter, *http.Request) {}, func(n http.RoundTripper, url string) {
		do(t, n, "GET", url+"/a", "")
		do(t, n, "HEAD", url+"/b", "")
	})
	use := func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", url+"/a", "") }
	assert.Empty(t, during(path, use))
	failures := during(path, use, replay.Strict())
	require.Len(t, failures, 1)
	assert.Contains(t, failures[0], "exchange 1 was recorded but not requested: HEAD "+url+"/b")
}

func TestNoRequestIsAnsweredAfterTheContextOrTheTestEnds(t *testing.T) {
	var late http.RoundTripper
	handler := func(http.ResponseWriter, *http.Request) {}
	path, url, _ := recorded(t, handler, func(n http.RoundTripper, url string) {
		late = n
		do(t, n, "GET", url, "")
	})
	_, err := try(late, "GET", url, "")
	assert.ErrorContains(t, err, "the test has ended")

	failures := during(path, func(_ *fakeTB, n http.RoundTripper) {
		late = n
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", url, http.NoBody)
		_, err := n.RoundTrip(req)
		assert.ErrorIs(t, err, context.Canceled)
	})
	assert.Empty(t, failures)
	_, err = try(late, "GET", url+"/unknown", "")
	assert.ErrorIs(t, err, replay.ErrNotRecorded, "a test that has ended does not fail")
}

func TestARecordingReachesTheAPIThroughTheGivenRoundTripper(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer srv.Close()
	recording(t, true)
	path := filepath.Join(t.TempDir(), "recording.yaml")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", srv.URL, "") }, replay.Network(srv.Client().Transport)))
	assert.FileExists(t, path)
}

func TestManyGoroutinesMayMakeRequestsAtOnce(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }
	ask := func(n http.RoundTripper, url string) {
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				resp, body := do(t, n, "POST", fmt.Sprint(url, "/", i%20), "a=b", "X-Api-Key", "key-0123456789abcdef")
				assert.Equal(t, fmt.Sprint("/", i%20), body)
				resp.Header.Set("X-Changed", "by the caller")
			})
		}
		wg.Wait()
	}
	path, url, file := recorded(t, handler, ask)
	assert.NotContains(t, file, "X-Changed")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, url); ask(n, url) }, replay.Strict()))
}

func FuzzAnyFileIsReadOrRejected(f *testing.F) {
	f.Add([]byte("version: 2\ninteractions:\n- request: {method: GET, url: 'https://api.example.com/?a=1'}\n  response: {code: 200, body: x}\n"))
	f.Add([]byte("version: 2\ninteractions:\n- request: {url: ':', body: '{', headers: {Content-Type: [a]}}\n  response: {code: 200}\n"))
	f.Add([]byte("- &a [*a]"))
	f.Fuzz(func(t *testing.T, file []byte) {
		path := filepath.Join(t.TempDir(), "recording.yaml")
		require.NoError(t, os.WriteFile(path, file, 0o600))
		during(path, func(_ *fakeTB, n http.RoundTripper) {
			resp, err := try(n, "POST", "https://api.example.com/?a=1", `{"a":[1]}`)
			if err == nil {
				_, _ = io.ReadAll(resp.Body)
				assert.NotNil(t, resp.Header)
			}
		}, replay.Strict(), replay.Scrub("secret-0123"))
	})
}

func FuzzNoResponseLeavesTheSecretInTheFile(f *testing.F) {
	f.Add("key-0123456789", "before ", " after")
	f.Add("a\\\"b/c+%25&", "\\", "=")
	f.Add("\x00\xff€𝄞xyz", "\n\t", "\r")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		distinct := map[byte]bool{}
		for i := range len(secret) {
			distinct[secret[i]] = true
		}
		// A secret such as 00000000 may remain after its removal from 000000000000.
		if len(distinct) < 7 || strings.Contains("[redacted] REDACTED", secret) || strings.Contains("version interactions proto_major proto_minor content_length headers request response transfer_encoding uncompressed application/json duration", secret) {
			t.Skip()
		}
		t.Setenv("CI", "")
		require.NoError(t, flag.Set("replay.record", "true"))
		defer flag.Set("replay.record", "false")
		quoted, _ := json.Marshal(secret)
		body := before + secret + after + url.QueryEscape(secret) + before + string(quoted) + after +
			base64.StdEncoding.EncodeToString([]byte(before+secret+after)) + " " + hex.EncodeToString([]byte(secret)) + before
		api := answers(func(r *http.Request) *http.Response {
			return &http.Response{Status: "200 OK", StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
		})
		path := filepath.Join(t.TempDir(), "recording.yaml")
		failures := during(path, func(_ *fakeTB, n http.RoundTripper) {
			do(t, n, "POST", "https://api.example.com/"+url.PathEscape(secret), body)
		}, replay.Scrub(secret), replay.Network(api))
		if len(failures) == 1 && strings.ContainsAny(secret, `%&\`) && strings.Contains(failures[0], "would contain secret 1") {
			return // the end of the secret and the text after it are an escape; the file is refused
		}
		require.Empty(t, failures)
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.NotContains(t, string(file), secret)
		require.NoError(t, flag.Set("replay.record", "false"))
		failures = during(path, func(_ *fakeTB, n http.RoundTripper) {
			_, got := do(t, n, "POST", "https://api.example.com/"+url.PathEscape(secret), body)
			assert.NotContains(t, got, secret)
			if !strings.Contains(before+after+secret, "=") && strings.Trim(before+after, "abcdefghijklmnopqrstuvwxyz ") == "" {
				assert.True(t, strings.HasPrefix(got, before+"[redacted]"+after), got)
			}
		}, replay.Scrub(secret))
		require.Empty(t, failures)
	})
}

type answers func(*http.Request) *http.Response

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) { return a(r), nil }
