package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestSignIsCalledForEachAttemptWithTheWholeBody(t *testing.T) {
	key := "signing-key"
	mac := func(parts ...string) string {
		m := hmac.New(sha256.New, []byte(key))
		_, _ = io.WriteString(m, strings.Join(parts, "\n"))
		return hex.EncodeToString(m.Sum(nil))
	}
	n := 0
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		assert.Equal(t, mac(r.Method, r.RequestURI, string(b)), r.Header.Get("X-Signature"))
		if n++; n == 1 {
			w.WriteHeader(500)
		}
	}, transport.WithRetry(retry.Policy{Base: 1}), transport.WithAuth(auth.Sign(func(r *http.Request, body []byte) error {
		r.Header.Set("X-Signature", mac(r.Method, r.URL.RequestURI(), string(body)))
		return nil
	}, key)))
	_, err := c.Do(ctx, transport.Request{Method: "PUT", Path: "/x", Body: map[string]int{"a": 1}})
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	_, err = c.Do(ctx, transport.Request{Path: "/x?y=z"})
	require.NoError(t, err)
}
