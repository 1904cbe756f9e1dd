package transport_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
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
		"a list of Retry-After": header(http.Header{"Retry-After": {"5, 120"}}),
		"an invalid Retry-After and a reset": header(http.Header{
			"Retry-After": {"soon"}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"120"}}),
		"draft, a dictionary": header(http.Header{"RateLimit": {"limit=10, remaining=0, reset=120"}}),
		"draft, two dictionaries": header(http.Header{"RateLimit": {
			"limit=10, remaining=9, reset=1", "limit=1000, remaining=0, reset=120"}}),
		"draft, fields": header(http.Header{
			"RateLimit-Limit": {"10, 10;w=1, 1000;w=3600"}, "RateLimit-Remaining": {"0"}, "RateLimit-Reset": {"120"}}),
		"draft, units and partitions": header(http.Header{
			"RateLimit-Policy": {`"bytes";q=65535;qu="content-bytes";w=10, "day,1";q=100;w=86400;pk=:dXNlcj0x:`},
			"RateLimit":        {`"bytes";r=900;t=7, "day,1;r=5";r=0;t=120;pk=:dXNlcj0x:`}}),
		"draft, only a reset": header(http.Header{"RateLimit": {`"burst";r=9;t=1, "hour";t=120`}}),
		"draft, tokens":       header(http.Header{"RateLimit": {`burst;r=9;t=1, hour;r=0;t=120`}}),
		"by suffix": header(http.Header{
			"X-RateLimit-Remaining-Second": {"4"}, "X-RateLimit-Reset-Second": {"1"},
			"X-RateLimit-Remaining-Day": {"0"}, "X-RateLimit-Reset-Day": {"120"}}),
		"by suffix, with a common reset": header(http.Header{ // Kong
			"X-RateLimit-Remaining-Minute": {"0"}, "X-RateLimit-Limit-Minute": {"60"},
			"RateLimit-Limit": {"60"}, "RateLimit-Remaining": {"0"}, "RateLimit-Reset": {"120"}}),
		"durations": header(http.Header{ // OpenAI
			"X-RateLimit-Remaining-Requests": {"59"}, "X-RateLimit-Reset-Requests": {"120ms"},
			"X-RateLimit-Remaining-Tokens": {"0"}, "X-RateLimit-Reset-Tokens": {"2m0s"}}),
		"by infix": func(now time.Time) http.Header { // Anthropic
			return http.Header{
				"Anthropic-RateLimit-Requests-Remaining": {"0"}, "Anthropic-RateLimit-Requests-Reset": {now.Add(wait).Format(time.RFC3339)},
				"Anthropic-RateLimit-Tokens-Remaining": {"99"}, "Anthropic-RateLimit-Tokens-Reset": {now.Add(time.Hour).Format(time.RFC3339)}}
		},
		"milliseconds of another name": func(now time.Time) http.Header { // Linear
			return http.Header{"X-RateLimit-Complexity-Remaining": {"0"}, "X-RateLimit-Complexity-Reset": {fmt.Sprint(now.Add(wait).UnixMilli())}}
		},
		"a reset from now beside a time of day": func(now time.Time) http.Header { // Discord
			return http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {fmt.Sprintf("%d.250", now.Add(time.Hour).Unix())},
				"X-RateLimit-Reset-After": {"120.0004"}}
		},
		"a Unix time with a fraction": func(now time.Time) http.Header {
			return http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {fmt.Sprintf("%d.5", now.Add(wait).Unix())}}
		},
		"a date without seconds": func(now time.Time) http.Header { // Atlassian
			return http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-NearLimit": {"true"},
				"X-RateLimit-Reset": {now.Add(wait).UTC().Format("2006-01-02T15:04Z")}}
		},
		"HTTP dates in a list": func(now time.Time) http.Header {
			return http.Header{"X-RateLimit-Remaining": {"9, 0"}, "X-RateLimit-Reset": {date(now.Add(time.Second)) + ", " + date(now.Add(wait))}}
		},
		"a named quota": header(http.Header{ // Zendesk
			"Zendesk-RateLimit-Incremental-Exports": {"total=10; remaining=0; resets=120"}, "X-Rate-Limit": {"700"}, "X-Rate-Limit-Remaining": {"699"}}),
		"draft, another name":   header(http.Header{"Beta-RateLimit": {`"api";r=0;t=120`}, "Beta-RateLimit-Policy": {`"api";q=100;w=3600`}}), // Atlassian
		"draft, a quoted name":  header(http.Header{"RateLimit": {`"a\"b";r=0;t=120, "c";r=3;t=4`}}),
		"a word within a name":  header(http.Header{"Ratelimitbysize-Remaining": {"0"}, "Ratelimitbysize-Reset": {"120"}}),          // Mistral
		"left":                  header(http.Header{"X-Rate-Limit-Requests-Left": {"0"}, "X-Rate-Limit-Time-Reset-Ms": {"120000"}}), // BigCommerce
		"milliseconds from now": header(http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset-Millis": {"120000"}}),
		"a part within a word": func(now time.Time) http.Header { // Imgur
			return http.Header{"X-RateLimit-UserRemaining": {"0"}, "X-RateLimit-UserReset": {unix(now.Add(wait))}, "X-RateLimit-ClientRemaining": {"9"}}
		},
		"the date of a reset": func(now time.Time) http.Header { // GitLab
			return http.Header{"RateLimit-Remaining": {"0"}, "RateLimit-ResetTime": {date(now.Add(wait))}}
		},
		"a date of JavaScript": func(now time.Time) http.Header { // lemlist
			return http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {
				now.Add(wait).In(time.FixedZone("", 3600)).Format("Mon Jan 02 2006 15:04:05 GMT-0700") + " (Central European Standard Time)"}}
		},
		"a date with a numeric zone": func(now time.Time) http.Header {
			return http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {now.Add(wait).UTC().Format(time.RFC1123Z)}}
		},
		"Retry-After in UTC": func(now time.Time) http.Header {
			return http.Header{"Retry-After": {now.Add(wait).UTC().Format(time.RFC1123)}}
		},
		"a limit of errors":            header(http.Header{"X-Esi-Error-Limit-Remain": {"0"}, "X-Esi-Error-Limit-Reset": {"120"}}),
		"another name for Retry-After": header(http.Header{"X-Ms-RateLimit-Example-Retry-After": {"120"}}),
		"a negative remaining":         header(http.Header{"X-RateLimit-Remaining": {"-3"}, "X-RateLimit-Reset": {"120"}}),
		"used up, not the first":       header(http.Header{"RateLimit": {`"a";r=0;t=5, "b";r=0;t=120, "c";r=1;t=3600`}}),
		"a cached response": func(now time.Time) http.Header {
			theirs := now.Add(10 * time.Minute)
			return http.Header{"Date": {date(theirs.Add(-time.Hour))}, "Age": {"3600"}, "Retry-After": {date(theirs.Add(wait))}}
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
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
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
}

// The headers of the first response describe what remains of the limit.
func TestTheNextRequestWaitsOnlyForALimitThatIsUsedUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		header http.Header
		wait   time.Duration
	}{
		{"used up", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"60"}}, time.Minute},
		{"remaining of -1", http.Header{"X-RateLimit-Remaining": {"-1"}, "X-RateLimit-Reset": {"60"}}, 0},
		{"draft, the longer one is used up", http.Header{"RateLimit": {`"hour";r=0;t=60, "burst";r=9;t=1`}}, time.Minute},
		{"draft, the shorter one is used up", http.Header{"RateLimit": {`"burst";r=0;t=1, "hour";r=500;t=60`}}, time.Second},
		{"a remaining of 0.0", http.Header{"X-RateLimit-Remaining": {"0.0"}, "X-RateLimit-Reset": {"30"}}, 30 * time.Second},
		{"lists", http.Header{"X-RateLimit-Remaining": {"0, 100"}, "X-RateLimit-Reset": {"5, 3600"}}, 5 * time.Second},
		{"two lines", http.Header{"X-RateLimit-Remaining": {"100", "0"}, "X-RateLimit-Reset": {"3600", "5"}}, 5 * time.Second},
		{"lists of different lengths", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"3600, 5"}}, 5 * time.Second},
		{"two of three are used up", http.Header{"RateLimit": {`"a";r=0;t=5, "b";r=0;t=30, "c";r=9;t=3600`}}, 30 * time.Second},
		{"by suffix", http.Header{"X-RateLimit-Remaining-Second": {"0"}, "X-RateLimit-Reset-Second": {"1"},
			"X-RateLimit-Remaining-Day": {"5"}, "X-RateLimit-Reset-Day": {"4000"}}, time.Second},
		{"a fraction", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset-After": {"1.2345"}}, 1235 * time.Millisecond},
		{"no reset", http.Header{"X-HubSpot-RateLimit-Daily-Remaining": {"0"}}, 0},
		{"a reset of another limit", http.Header{"X-RateLimit-Remaining-Day": {"0"}, "X-RateLimit-Remaining": {"5"}, "X-RateLimit-Reset": {"60"}}, 0},
		{"only a reset", http.Header{"X-RateLimit-Reset": {"60"}}, 0},
		{"a limit of something else", http.Header{"X-Storage-Quota-Remaining": {"0"}, "X-Storage-Limit-Reset": {"60"}}, 0},
		{"the headers of another limit", http.Header{"X-Shopify-Shop-Api-Call-Limit": {"40/40"}, "Access-Control-Expose-Headers": {"X-RateLimit-Remaining"}}, 0},
		{"texts", http.Header{"X-Ms-RateLimit-Remaining-Resource": {"Microsoft.Compute/HighCostGet;0"}, "X-RateLimit-Reset": {"never"}, "RateLimit": {`"a";r=x;t=60, r, "`}}, 0},
		{"a reset in the past", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"900000000"}}, 0},
		{"draft, no remaining", http.Header{"RateLimit": {`"burst";r=0;t=1, "hour";t=60`}}, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
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
}

// The source is refused by status, and says only when to come back.
func TestARefusalWithOnlyAResetIsRepeatedThen(t *testing.T) {
	for _, status := range []int{403, 420, 429, 503} {
		synctest.Test(t, func(t *testing.T) {
			start, requests := time.Now(), 0
			client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				if requests++; time.Since(start) < 2*time.Minute {
					w.Header().Set("X-RateLimit-Reset", fmt.Sprint(start.Add(2*time.Minute).Unix()))
					w.WriteHeader(status)
				}
			})
			_, err := client.Do(t.Context(), transport.Request{})
			require.NoError(t, err)
			assert.Equal(t, 2, requests, status)
		})
	}
}

func TestA403IsFinalIfNoLimitIsUsedUp(t *testing.T) {
	for name, header := range map[string]http.Header{
		"no headers": {}, "more remain": {"X-Ratelimit-Remaining": {"4999"}, "X-Ratelimit-Reset": {"120"}},
		"one of several": {"Ratelimit": {`"a";r=5;t=60, "b";t=60`}},
		"left":           {"X-Rate-Limit-Requests-Left": {"10"}, "X-Rate-Limit-Time-Reset-Ms": {"20000"}},
		"a wait of 0":    {"Retry-After": {"0"}, "X-Ratelimit-Remaining": {"4999"}}, // Jira Data Center
	} {
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			setHeader(w, header)
			w.WriteHeader(http.StatusForbidden)
		}, transport.WithRetry(retry.Policy{Base: 1, Max: 1}))
		_, err := client.Do(t.Context(), transport.Request{})
		assert.Equal(t, 1, asError(t, err).Attempts, name)
		assert.True(t, asError(t, err).Configuration(), name)
	}
}

// A source may say with each response when its limit is renewed.
func TestA403WithOnlyAResetIsRepeatedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Reset", "20")
			w.WriteHeader(http.StatusForbidden)
		})
		start := time.Now()
		_, err := client.Do(t.Context(), transport.Request{})
		assert.True(t, asError(t, err).Configuration())
		assert.Equal(t, 2, asError(t, err).Attempts)
		assert.Equal(t, 20*time.Second, time.Since(start))
	})
}

// Without a reset, the name of the limit says when it is renewed at the latest.
func TestARefusalByALimitPerSecondOrMinuteWaitsThatLong(t *testing.T) {
	for name, wait := range map[string]time.Duration{
		"X-HubSpot-RateLimit-Secondly-Remaining": time.Second, "X-RateLimit-Remaining-Minute": time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				if time.Since(start) < wait {
					w.Header().Set(name, "0")
					w.WriteHeader(http.StatusTooManyRequests)
				}
			})
			_, err := client.Do(t.Context(), transport.Request{})
			require.NoError(t, err)
			assert.Equal(t, wait, time.Since(start))
		})
	}
}

func TestWithoutLimitHeadersIgnoresAllHeadersButRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", "600")
			if requests++; requests == 2 {
				w.Header().Set("Retry-After", "30")
			}
			if requests <= 2 {
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}, transport.WithoutLimitHeaders())
		start := time.Now()
		_, err := client.Do(t.Context(), transport.Request{})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), 30*time.Second)
		assert.LessOrEqual(t, time.Since(start), 31*time.Second)
	})
}

func TestAPauseBeyondTheDeadlineOfTheContextIsNotStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("RateLimit", `"a";r=0;t=300`)
		})
		limited, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.Do(limited, transport.Request{})
		require.NoError(t, err)
		start := time.Now()
		_, err = client.Do(limited, transport.Request{})
		assert.Zero(t, time.Since(start))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.True(t, asError(t, err).Temporary())
		assert.ErrorContains(t, err, "the source's quota is used up, for another 5m0s, which exceeds the time that is left for this operation")
	})
}

// setHeader sets the headers of h under their canonical names.
func setHeader(w http.ResponseWriter, h http.Header) {
	for name, lines := range h {
		maps.Copy(w.Header(), http.Header{http.CanonicalHeaderKey(name): lines})
	}
}
