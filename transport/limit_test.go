package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
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

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
	"github.com/penstock-sdk/penstock/transport/ratelimit"
	"github.com/penstock-sdk/penstock/transport/retry"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

// many sends n requests at a time and returns how long they took.
func many(t *testing.T, c *transport.Client, n int, path func(i int) string) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			_, err := c.Do(ctx, transport.Request{Path: path(i)})
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	return time.Since(start)
}

func same(int) string { return "/x" }

func TestRateLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		limit ratelimit.Limit
		want  time.Duration
		path  func(int) string
	}{
		"per second":  {ratelimit.Limit{PerSecond: 10}, 1900 * time.Millisecond, same},
		"burst":       {ratelimit.Limit{PerSecond: 10, Burst: 10}, time.Second, same},
		"per minute":  {ratelimit.Limit{PerMinute: 60}, 19 * time.Second, same},
		"both":        {ratelimit.Limit{PerMinute: 60, PerSecond: 10}, 19 * time.Second, same},
		"none":        {ratelimit.Limit{}, 0, same},
		"per path":    {ratelimit.Limit{PerSecond: 10}, 900 * time.Millisecond, func(i int) string { return "/" + strconv.Itoa(i%2) }},
		"concurrency": {ratelimit.Limit{Concurrent: 4}, 5 * time.Second, func(int) string { return "/slow" }},
	} {
		var key func(method, host, path string) string
		if name == "per path" {
			key = func(_, _, path string) string { return path }
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var under, most atomic.Int64
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					n := under.Add(1)
					defer under.Add(-1)
					if n > most.Load() {
						most.Store(n)
					}
					if r.URL.Path == "/slow" {
						time.Sleep(time.Second)
					}
				}, transport.WithLimit(tt.limit), transport.WithLimitKey(key))
				assert.Equal(t, tt.want, many(t, c, 20, tt.path))
				if tt.limit.Concurrent > 0 {
					assert.EqualValues(t, tt.limit.Concurrent, most.Load())
				}
			})
		})
	}
}

func TestSharedLimiterAndCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := ratelimit.New(ratelimit.Limit{PerSecond: 1})
		require.NoError(t, err)
		h := func(w http.ResponseWriter, r *http.Request) {}
		a, b := inMemory(t, h, transport.WithLimiter(l)), inMemory(t, h, transport.WithLimiter(l))
		start := time.Now()
		many(t, a, 3, same)
		cctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err = b.Do(cctx, transport.Request{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		many(t, b, 1, same)
		assert.Equal(t, 3*time.Second, time.Since(start), "a wait that was given up takes nothing from the budget")
	})
	_, err := ratelimit.New(ratelimit.Limit{PerSecond: -1})
	assert.Error(t, err)
	c := inMemory(t, func(http.ResponseWriter, *http.Request) {}, transport.WithLimiter(nil))
	_, err = c.Do(ctx, transport.Request{})
	assert.NoError(t, err)
}

func TestLimitsOfTheSource(t *testing.T) {
	for name, header := range map[string]func(h http.Header, remaining int, reset time.Duration){
		"draft fields": func(h http.Header, n int, d time.Duration) {
			h.Set("RateLimit-Remaining", strconv.Itoa(n))
			h.Set("RateLimit-Reset", strconv.Itoa(int(d.Seconds())))
		},
		"draft structured": func(h http.Header, n int, d time.Duration) {
			h.Set("RateLimit", fmt.Sprintf(`"default";r=%d;t=%d`, n, int(d.Seconds())))
		},
		"unix time": func(h http.Header, n int, d time.Duration) {
			h.Set("X-RateLimit-Remaining", strconv.Itoa(n))
			h.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(d).Unix(), 10))
		},
		"milliseconds": func(h http.Header, n int, d time.Duration) {
			h.Set("X-Rate-Limit-Remaining", strconv.Itoa(n))
			h.Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Add(d).UnixMilli(), 10))
		},
		"date": func(h http.Header, n int, d time.Duration) {
			h.Set("X-RateLimit-Remaining", strconv.Itoa(n))
			h.Set("X-RateLimit-Reset", time.Now().Add(d).Format(time.RFC3339))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logRecord
				begin := time.Now()
				used := 0
				c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
					window := int(time.Since(begin) / time.Minute)
					if used++; used > 5*(window+1) {
						t.Errorf("request %d came after %v", used, time.Since(begin))
					}
					header(w.Header(), 5*(window+1)-used, time.Until(begin.Add(time.Duration(window+1)*time.Minute)))
				}, transport.WithLogger(log.Logger()))
				for range 11 {
					_, err := c.Do(ctx, transport.Request{})
					require.NoError(t, err)
				}
				assert.Equal(t, 2*time.Minute, time.Since(begin))
				assert.Contains(t, log.String(), `reason="the source's quota is used up"`)
			})
		})
	}
	t.Run("a day is too long", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				n++
				w.Header().Set("X-RateLimit-Remaining", "0")
				w.Header().Set("X-RateLimit-Reset", "86400")
			})
			_, err := c.Do(ctx, transport.Request{})
			require.NoError(t, err)
			start := time.Now()
			_, err = c.Do(ctx, transport.Request{})
			assert.True(t, asError(t, err).Temporary())
			assert.ErrorContains(t, err, "the source's quota is used up, for another 24h0m0s")
			assert.Zero(t, time.Since(start))
			assert.Equal(t, 1, n)
		})
	})
	t.Run("429 stops the others too", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin, refused := time.Now(), 0
			c := inMemory(t, func(w http.ResponseWriter, r *http.Request) {
				if time.Since(begin) < 30*time.Second {
					refused++
					w.Header().Set("X-RateLimit-Remaining", "0")
					w.Header().Set("X-RateLimit-Reset", "30")
					w.WriteHeader(429)
				}
			})
			go func() { _, _ = c.Do(ctx, transport.Request{}) }()
			time.Sleep(time.Second)
			many(t, c, 10, same)
			assert.Equal(t, 30*time.Second, time.Since(begin))
			assert.Equal(t, 1, refused)
			synctest.Wait()
		})
	})
}

func TestRules(t *testing.T) {
	var status int
	var body string
	n := 0
	h := func(w http.ResponseWriter, r *http.Request) {
		n++
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	says := func(text string) func(*transport.Response) bool {
		return func(r *transport.Response) bool { return string(r.Body) == text }
	}
	c := serve(t, h, transport.WithRetry(retry.Policy{Attempts: 3, Base: 1}), transport.WithRules(
		transport.Rule{Status: 500, Do: transport.DoFail},
		transport.Rule{Status: 400, When: says("try again"), Do: transport.DoRepeat},
		transport.Rule{Status: 400, When: says("bad key"), Do: transport.DoBlame},
		transport.Rule{Status: 400, When: says("token expired"), Do: transport.DoRefresh},
		transport.Rule{Status: 404, Do: transport.DoIgnore},
		transport.Rule{Status: 413, Do: transport.DoSplit},
		transport.Rule{When: says(`{"error":"busy"}`), Do: transport.DoRepeat},
	))
	for _, tt := range []struct {
		status int
		body   string
		kind   string
		tries  int
	}{
		{500, "", "defect", 1}, {400, "try again", "temporary", 3}, {400, "bad key", "configuration", 1}, {400, "x", "defect", 1},
		{400, "token expired", "configuration", 1}, {200, `{"error":"busy"}`, "temporary", 3}, {413, "", "defect", 1}, {503, "", "temporary", 3},
	} {
		status, body, n = tt.status, tt.body, 0
		_, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, nil))
		e := asError(t, err)
		assert.Equal(t, tt.kind, kindName(e), tt)
		assert.Equal(t, tt.tries, n, tt)
		assert.Equal(t, tt.status, e.Status)
		assert.Equal(t, tt.status == 413, errors.Is(err, timewindow.ErrSplit))
	}
	status, body = 404, "nothing here"
	got, err := collect(transport.Records[item](ctx, c, transport.Request{RecordsAt: "data"}, paging.PageNumber{}))
	require.NoError(t, err)
	assert.Empty(t, got)
	one, err := transport.Get[*item](ctx, c, transport.Request{})
	require.NoError(t, err)
	assert.Nil(t, one)
	resp, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, 404, resp.Status)

	for _, bad := range []transport.Rule{{}, {Do: transport.DoFail}, {Status: 1}, {Status: 1, Do: 99}} {
		_, err := transport.New("http://h", transport.WithRules(bad))
		assert.Error(t, err)
	}
}

func TestRuleRefreshes(t *testing.T) {
	logins := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t2" {
			w.WriteHeader(400)
		}
	}, transport.WithRules(transport.Rule{Status: 400, Do: transport.DoRefresh}),
		transport.WithAuth(auth.Login(auth.LoginConfig{Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			logins++
			return auth.AccessToken{Value: fmt.Sprint("t", logins)}, nil
		}})))
	_, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, 2, logins)
}

func TestNetworkOptions(t *testing.T) {
	t.Run("own certificate authority and client certificate", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"certificates":%d}`, len(r.TLS.PeerCertificates))
		}))
		srv.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
		srv.StartTLS()
		defer srv.Close()
		pool := x509.NewCertPool()
		pool.AddCert(srv.Certificate())
		c, err := transport.New(srv.URL, transport.WithTLS(&tls.Config{RootCAs: pool, Certificates: srv.TLS.Certificates, MinVersion: tls.VersionTLS10}))
		require.NoError(t, err)
		defer c.Close()
		n, err := transport.Get[int](ctx, c, transport.Request{RecordsAt: "certificates"})
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
	t.Run("TLS 1.1 is refused", func(t *testing.T) {
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
		srv.Config.ErrorLog = silentLog
		srv.StartTLS()
		defer srv.Close()
		pool := x509.NewCertPool()
		pool.AddCert(srv.Certificate())
		c, err := transport.New(srv.URL, transport.WithTLS(&tls.Config{RootCAs: pool}), transport.WithLogger(quiet))
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Do(ctx, transport.Request{})
		assert.Equal(t, "configuration", kindName(asError(t, err)))
	})
	t.Run("proxy", func(t *testing.T) {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%q", r.URL.String()) }))
		defer proxy.Close()
		c, err := transport.New("http://api.example.com", transport.WithProxy(proxy.URL), transport.WithConnections(1))
		require.NoError(t, err)
		defer c.Close()
		got, err := transport.Get[string](ctx, c, transport.Request{Path: "/x"})
		require.NoError(t, err)
		assert.Equal(t, "http://api.example.com/x", got)
	})
	for name, opts := range map[string][]transport.Option{
		"proxy": {transport.WithProxy("nowhere")}, "scheme": {transport.WithProxy("ftp://h")}, "tls": {transport.WithTLS(nil)},
		"connections": {transport.WithConnections(0)}, "no use": {transport.WithProxy(""), transport.WithRoundTripper(memory{})},
	} {
		_, err := transport.New("http://h", opts...)
		assert.Error(t, err, name)
	}
}

func TestHooks(t *testing.T) {
	fail := errors.New("no")
	var failing bool
	n := 0
	var statuses []int
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 1 {
			w.WriteHeader(500)
		}
		_, _ = io.WriteString(w, r.Header.Get("X-Trace")+" "+r.Header.Get("Authorization"))
	}, transport.WithRetry(retry.Policy{Base: 1}), transport.WithAuth(auth.Bearer("tokn")), transport.OnRequest(func(r *http.Request) error {
		r.Header.Set("X-Trace", "of "+r.Header.Get("Authorization")+",")
		if failing {
			return fail
		}
		return nil
	}), transport.OnResponse(func(r *http.Response) error { statuses = append(statuses, r.StatusCode); return nil }))
	resp, err := c.Do(ctx, transport.Request{})
	require.NoError(t, err)
	assert.Equal(t, "of Bearer tokn, Bearer tokn", string(resp.Body))
	assert.Equal(t, []int{500, 200}, statuses)
	failing = true
	_, err = c.Do(ctx, transport.Request{})
	assert.ErrorIs(t, err, fail)
	assert.Equal(t, 1, asError(t, err).Attempts)
}
