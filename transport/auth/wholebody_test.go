package auth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestATruncatedResponseOfTheTokenEndpointIsTemporaryAndRetried(t *testing.T) {
	for name, failures := range map[string]int64{"once": 1, "always": 1000} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				const body = `{"access_token":"s3cret-access","token_type":"bearer"}`
				w.Header().Set("Content-Type", "application/json")
				if calls.Add(1) <= failures {
					w.Header().Set("Content-Length", "100")
				}
				_, _ = io.WriteString(w, body) // net/http closes the connection if the length is wrong
			}))
			defer endpoint.Close()
			c := transporttest.Serve(t, func(http.ResponseWriter, *http.Request) {},
				transport.WithAuth(auth.OAuth2(auth.OAuth2Config{TokenURL: endpoint.URL, ClientID: "id", ClientSecret: "s3cret-client", CredentialsIn: "body"})),
				transport.WithRetry(retry.Policy{Base: 1, Attempts: 3}))
			_, err := c.Do(ctx, transport.Request{})
			if failures == 1 {
				require.NoError(t, err)
				assert.EqualValues(t, 2, calls.Load())
				return
			}
			var failed *transport.Error
			require.ErrorAs(t, err, &failed)
			assert.True(t, failed.Temporary())
			assert.ErrorContains(t, err, "unexpected EOF")
			assert.NotContains(t, err.Error(), "s3cret")
		})
	}
}
