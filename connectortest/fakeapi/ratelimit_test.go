package fakeapi_test

import (
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
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
