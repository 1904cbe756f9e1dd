package transport_test

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
)

func TestAClientStaysWithinTheQuotaInTheHeadersOfTheSource(t *testing.T) {
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
						t.Errorf("request %d exceeds the quota after %v", used, time.Since(begin))
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
}

func TestAWaitThatIsLongerThanTheRetriesMayTakeIsAnError(t *testing.T) {
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
}

func TestA429PausesAllRequestsOfTheClient(t *testing.T) {
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
		many(t, c, 10, samePath)
		assert.Equal(t, 30*time.Second, time.Since(begin))
		assert.Equal(t, 1, refused)
		synctest.Wait()
	})
}

// Sources describe their limits in several ways: with only the time of the reset, in
// lists or in repeated lines (RFC 9110 §5.3), for several policies at once (the IETF
// draft ratelimit-headers), and by their own clock (Date). Each source here responds with
// 429 for two minutes.
func TestARefusedRequestWaitsUntilTheSourceRenewsItsLimit(t *testing.T) {
	const wait = 2 * time.Minute
	header := func(h http.Header) func(time.Time) http.Header {
		return func(time.Time) http.Header { return h }
	}
	unix := func(at time.Time) string { return fmt.Sprint(at.Unix()) }
	date := func(at time.Time) string { return at.UTC().Format(http.TimeFormat) }
	knownfault.Run(t, []string{
		"only a reset", "only a reset, draft", "draft, two policies", "draft, two lines", "lists", "two lines",
		"clock ahead", "clock behind",
	}, func(t *knownfault.T) {
		for name, headers := range map[string]func(now time.Time) http.Header{
			"Retry-After":         header(http.Header{"Retry-After": {"120"}}),
			"remaining and reset": header(http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"120"}}),
			"only a reset": func(now time.Time) http.Header {
				return http.Header{"X-RateLimit-Reset": {unix(now.Add(wait))}}
			},
			"only a reset, draft":              header(http.Header{"RateLimit-Reset": {"120"}}),
			"draft, two policies":              header(http.Header{"RateLimit": {`"hour";r=0;t=120, "burst";r=9;t=1`}}),
			"draft, two policies, other order": header(http.Header{"RateLimit": {`"burst";r=9;t=1, "hour";r=0;t=120`}}),
			"draft, two lines":                 header(http.Header{"RateLimit": {`"burst";r=9;t=1`, `"hour";r=0;t=120`}}),
			"lists":                            header(http.Header{"X-RateLimit-Remaining": {"9, 0"}, "X-RateLimit-Reset": {"1, 120"}}),
			"two lines":                        header(http.Header{"X-RateLimit-Remaining": {"9", "0"}, "X-RateLimit-Reset": {"1", "120"}}),
			"Retry-After of 0 and a reset": header(http.Header{
				"Retry-After": {"0"}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"120"}}),
			"Retry-After as a date": func(now time.Time) http.Header {
				return http.Header{"Retry-After": {date(now.Add(wait))}}
			},
			"clock ahead": func(now time.Time) http.Header {
				theirs := now.Add(10 * time.Minute)
				return http.Header{"Date": {date(theirs)}, "Retry-After": {date(theirs.Add(wait))}}
			},
			"clock behind": func(now time.Time) http.Header {
				theirs := now.Add(-10 * time.Minute)
				return http.Header{"Date": {date(theirs)}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {unix(theirs.Add(wait))}}
			},
		} {
			t.Run(name, func(t *knownfault.T) {
				knownfault.Synctest(t, func(t *knownfault.T) {
					start, requests := time.Now(), 0
					client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
						requests++
						if time.Since(start) >= wait {
							fmt.Fprint(w, `{}`)
							return
						}
						setHeader(w, headers(start))
						w.WriteHeader(http.StatusTooManyRequests)
					})
					_, err := client.Do(t.Context(), transport.Request{})
					require.NoError(t, err)
					assert.LessOrEqual(t, requests, 2, "more than one request was refused")
					assert.LessOrEqual(t, time.Since(start), wait+time.Minute)
				})
			})
		}
	})
}

// The headers of the first response describe what remains of the limit.
func TestTheNextRequestWaitsOnlyForALimitThatIsUsedUp(t *testing.T) {
	knownfault.Run(t, []string{"draft, the longer one is used up", "draft, the shorter one is used up", "draft, no remaining"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name   string
			header http.Header
			wait   time.Duration
		}{
			{"used up", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"60"}}, time.Minute},
			{"remaining of -1", http.Header{"X-RateLimit-Remaining": {"-1"}, "X-RateLimit-Reset": {"60"}}, 0},
			{"draft, the longer one is used up", http.Header{"RateLimit": {`"hour";r=0;t=60, "burst";r=9;t=1`}}, time.Minute},
			{"draft, the shorter one is used up", http.Header{"RateLimit": {`"burst";r=0;t=1, "hour";r=500;t=60`}}, time.Second},
			{"draft, no remaining", http.Header{"RateLimit": {`"burst";r=0;t=1, "hour";t=60`}}, time.Second},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				knownfault.Synctest(t, func(t *knownfault.T) {
					client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
						setHeader(w, c.header)
						fmt.Fprint(w, `{}`)
					})
					_, err := client.Do(t.Context(), transport.Request{})
					require.NoError(t, err)
					start := time.Now()
					_, err = client.Do(t.Context(), transport.Request{})
					require.NoError(t, err)
					assert.GreaterOrEqual(t, time.Since(start), c.wait)
					assert.LessOrEqual(t, time.Since(start), c.wait+2*time.Second)
				})
			})
		}
	})
}

// setHeader sets the headers of h under their canonical names.
func setHeader(w http.ResponseWriter, h http.Header) {
	for name, lines := range h {
		maps.Copy(w.Header(), http.Header{http.CanonicalHeaderKey(name): lines})
	}
}
