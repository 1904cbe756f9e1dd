package replay_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
)

func TestASessionWithCookiesIsReplayed(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("sid"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "cookie-0123456789", Path: "/", MaxAge: 60})
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, `"ok"`)
	}
	ask := func(n http.RoundTripper, url string) {
		c, err := transport.New(url, transport.WithCookies(), transport.WithRoundTripper(n))
		require.NoError(t, err)
		for range 2 {
			got, err := transport.Get[string](context.Background(), c, transport.Request{Path: "/orders?after=a;b&q=50%"})
			require.NoError(t, err)
			assert.Equal(t, "ok", got)
		}
	}
	path, url, file := recorded(t, handler, ask)
	assert.NotContains(t, file, "cookie-0123456789")
	assert.Empty(t, during(path, func(_ *fakeTB, n http.RoundTripper) { ask(n, url) }))
}
