package fakeapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
)

func TestLatencyIsVirtualInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := fakeapi.New(t, fakeapi.Object("/x", 1), fakeapi.Latency(time.Hour))
		start := time.Now()
		assert.Equal(t, 200, inMemory(t, api, "/x").status)
		assert.Equal(t, time.Hour, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "/x", nil))
		assert.Equal(t, time.Hour+time.Minute, time.Since(start))
		assert.Equal(t, 503, w.Code)
	})
}

func TestLatencyEndsWhenTheClientGoes(t *testing.T) {
	_, at := serve(t, fakeapi.Object("/x", 1), fakeapi.Latency(time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", at+"/x", nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(req)
	assert.ErrorIs(t, err, context.DeadlineExceeded) // and the server's Close does not wait for an hour
}
