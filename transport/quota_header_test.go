package transport_test

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/transport"
)

// Sources name their limits in several ways: with a reset alone, in lists or in
// repeated lines (RFC 9110 §5.3), for several policies at once (the IETF draft
// ratelimit-headers), and by their own clock (Date). Each source here answers 429
// until two minutes have passed.
func TestARefusedRequestWaitsUntilTheSourceRenewsItsLimit(t *testing.T) {
	const wait = 2 * time.Minute
	header := func(h http.Header) func(time.Time) http.Header {
		return func(time.Time) http.Header { return h }
	}
	unix := func(at time.Time) string { return fmt.Sprint(at.Unix()) }
	date := func(at time.Time) string { return at.UTC().Format(http.TimeFormat) }
	knownfault.Run(t, []string{
		"reset alone", "reset alone, draft", "draft, two policies", "draft, two lines", "lists", "two lines",
		"clock that is ahead", "clock that is behind",
	}, func(t *knownfault.T) {
		for name, headers := range map[string]func(now time.Time) http.Header{
			"Retry-After":         header(http.Header{"Retry-After": {"120"}}),
			"remaining and reset": header(http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"120"}}),
			"reset alone": func(now time.Time) http.Header {
				return http.Header{"X-RateLimit-Reset": {unix(now.Add(wait))}}
			},
			"reset alone, draft":               header(http.Header{"RateLimit-Reset": {"120"}}),
			"draft, two policies":              header(http.Header{"RateLimit": {`"hour";r=0;t=120, "burst";r=9;t=1`}}),
			"draft, two policies, other order": header(http.Header{"RateLimit": {`"burst";r=9;t=1, "hour";r=0;t=120`}}),
			"draft, two lines":                 header(http.Header{"RateLimit": {`"burst";r=9;t=1`, `"hour";r=0;t=120`}}),
			"lists":                            header(http.Header{"X-RateLimit-Remaining": {"9, 0"}, "X-RateLimit-Reset": {"1, 120"}}),
			"two lines":                        header(http.Header{"X-RateLimit-Remaining": {"9", "0"}, "X-RateLimit-Reset": {"1", "120"}}),
			"Retry-After of 0 beside a reset": header(http.Header{
				"Retry-After": {"0"}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"120"}}),
			"Retry-After as a date": func(now time.Time) http.Header {
				return http.Header{"Retry-After": {date(now.Add(wait))}}
			},
			"clock that is ahead": func(now time.Time) http.Header {
				theirs := now.Add(10 * time.Minute)
				return http.Header{"Date": {date(theirs)}, "Retry-After": {date(theirs.Add(wait))}}
			},
			"clock that is behind": func(now time.Time) http.Header {
				theirs := now.Add(-10 * time.Minute)
				return http.Header{"Date": {date(theirs)}, "X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {unix(theirs.Add(wait))}}
			},
		} {
			t.Run(name, func(t *knownfault.T) {
				knownfault.Synctest(t, func(t *knownfault.T) {
					start, asked := time.Now(), 0
					client := inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
						asked++
						if time.Since(start) >= wait {
							fmt.Fprint(w, `{}`)
							return
						}
						setHeader(w, headers(start))
						w.WriteHeader(http.StatusTooManyRequests)
					})
					_, err := client.Do(t.Context(), transport.Request{})
					require.NoError(t, err)
					assert.LessOrEqual(t, asked, 2, "more than one request was refused")
					assert.LessOrEqual(t, time.Since(start), wait+time.Minute)
				})
			})
		}
	})
}

// The first of two requests is answered, with headers that tell what is left.
func TestTheNextRequestWaitsOnlyForALimitThatIsUsedUp(t *testing.T) {
	knownfault.Run(t, []string{"draft, the longer one used up", "draft, the shorter one used up", "draft, no remaining"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name   string
			header http.Header
			wait   time.Duration
		}{
			{"used up", http.Header{"X-RateLimit-Remaining": {"0"}, "X-RateLimit-Reset": {"60"}}, time.Minute},
			{"remaining of -1", http.Header{"X-RateLimit-Remaining": {"-1"}, "X-RateLimit-Reset": {"60"}}, 0},
			{"draft, the longer one used up", http.Header{"RateLimit": {`"hour";r=0;t=60, "burst";r=9;t=1`}}, time.Minute},
			{"draft, the shorter one used up", http.Header{"RateLimit": {`"burst";r=0;t=1, "hour";r=500;t=60`}}, time.Second},
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

// setHeader adds the lines of h under their canonical names.
func setHeader(w http.ResponseWriter, h http.Header) {
	for name, lines := range h {
		maps.Copy(w.Header(), http.Header{http.CanonicalHeaderKey(name): lines})
	}
}
