package transport_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestHooksAreCalledForEachAttemptAfterTheCredentialsAreAdded(t *testing.T) {
	fail := errors.New("the hook failed")
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
