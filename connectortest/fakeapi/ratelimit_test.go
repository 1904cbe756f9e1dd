package fakeapi_test

import (
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

func TestTheRateLimitSaysHowLongToWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.RateLimit(2, 2500*time.Millisecond), fakeapi.Bearer("k"))
		get := func() answer {
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/x", nil)
			r.Header.Set("Authorization", "Bearer k")
			api.ServeHTTP(w, r)
			return answer{w.Code, w.Header(), w.Body.String()}
		}
		reset := strconv.FormatInt(time.Now().Unix()+3, 10)
		for range 3 {
			assert.Equal(t, 401, inMemory(t, api, "/x").status) // does not count
		}
		for _, want := range []struct {
			after                        time.Duration
			status                       int
			remaining, retryAfter, reset string
		}{
			{0, 200, "1", "", reset},
			{0, 200, "0", "", reset},
			{0, 429, "0", "3", reset},
			{2 * time.Second, 429, "0", "1", reset},
			{499 * time.Millisecond, 429, "0", "1", reset},
			{time.Millisecond, 200, "1", "", ""},
		} {
			time.Sleep(want.after)
			got := get()
			assert.Equal(t, want.status, got.status)
			assert.Equal(t, "2", got.header.Get("X-RateLimit-Limit"))
			assert.Equal(t, want.remaining, got.header.Get("X-RateLimit-Remaining"))
			assert.Equal(t, want.retryAfter, got.header.Get("Retry-After"))
			if want.reset != "" {
				assert.Equal(t, want.reset, got.header.Get("X-RateLimit-Reset"))
			}
		}
	})
}

func TestALimitMayAnswerWith403(t *testing.T) {
	for name, tt := range map[string]struct {
		option     fakeapi.RateLimitOption
		remaining  string
		retryAfter string
		quota      bool
	}{
		"until the reset":  {fakeapi.ForbiddenUntilReset(), "0", "", true},
		"with Retry-After": {fakeapi.ForbiddenRetryAfter(), "", "60", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.RateLimit(1, time.Minute, tt.option))
				assert.Equal(t, 200, inMemory(t, api, "/x").status)
				got := inMemory(t, api, "/x")
				assert.Equal(t, 403, got.status)
				assert.Equal(t, `{"error":"too many requests: the limit is 1 in 1m0s"}`, got.body)
				assert.Equal(t, tt.remaining, got.header.Get("X-RateLimit-Remaining"))
				assert.Equal(t, tt.retryAfter, got.header.Get("Retry-After"))
				want := ""
				if tt.quota {
					want = strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
				}
				assert.Equal(t, want, got.header.Get("X-RateLimit-Reset"))
				time.Sleep(time.Minute)
				assert.Equal(t, 200, inMemory(t, api, "/x").status)
			})
		})
	}
}

func TestAClientOfPackageTransportWaitsForA403(t *testing.T) {
	for name, option := range map[string]fakeapi.RateLimitOption{"until the reset": fakeapi.ForbiddenUntilReset(), "with Retry-After": fakeapi.ForbiddenRetryAfter()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := fakeapi.New(t, fakeapi.Collection("/x", orders(6), fakeapi.ByLink(), fakeapi.PageSize(2)),
					fakeapi.RateLimit(2, time.Minute, option))
				client := clientOf(t, api)
				start := time.Now()
				var got []order
				for row, err := range transport.Records[order](t.Context(), client, transport.Request{Path: "/x"}, paging.LinkHeader{}) {
					require.NoError(t, err)
					got = append(got, row)
				}
				assert.Equal(t, orders(6), got)
				assert.Equal(t, time.Minute, time.Since(start).Round(10*time.Second))
			})
		})
	}
}
