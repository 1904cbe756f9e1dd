package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestFixedCredentials(t *testing.T) {
	var header http.Header
	var query string
	h := func(w http.ResponseWriter, r *http.Request) {
		header, query = r.Header, r.URL.RawQuery
		w.WriteHeader(400)
		fmt.Fprintf(w, "you sent %v %s", r.Header, r.URL.RawQuery)
	}
	for _, auth := range []transport.Auth{
		auth.Bearer("s3cret-v"), auth.HeaderKey("X-Api-Key", "s3cret-v"), auth.HeaderKey("Authorization", "Token s3cret-v"),
		auth.QueryKey("k", "s3cret-v"), auth.Basic("user", "s3cret-v"), auth.Basic("s3cret-v", ""),
		auth.Login(auth.LoginConfig{Login: func(context.Context, *transport.Client) (auth.AccessToken, error) {
			return auth.AccessToken{Value: "s3cret-v"}, nil
		}, Param: "sid"}),
	} {
		var log transporttest.LogRecord
		c := transporttest.Serve(t, h, transport.WithAuth(auth), transport.WithLogger(log.Logger()))
		_, err := c.Do(ctx, transport.Request{Path: "/x?a=b"})
		require.Error(t, err)
		assert.Contains(t, err.Error(), "you sent")
		all := fmt.Sprintf("%v %+v %#v %s %q %v", auth, auth, auth, auth, auth, err) + log.String()
		assert.NotContains(t, all, "s3cret-v")
		assert.NotContains(t, all, "dXNlcjpzM2NyZXQtdg", "base64 of the user and the password")
		assert.Contains(t, query, "a=b")
	}
	c := transporttest.Serve(t, h, transport.WithAuth(auth.Basic("user", "pass")))
	_, _ = c.Do(ctx, transport.Request{})
	assert.Equal(t, "Basic dXNlcjpwYXNz", header.Get("Authorization"))

	for _, empty := range []transport.Auth{auth.Bearer(""), auth.HeaderKey("X", ""), auth.HeaderKey("X", "Token "), auth.QueryKey("k", ""),
		auth.Basic("", ""), auth.Basic("a:b", "c"), auth.FirstOf(), auth.FirstOf(nil, auth.Bearer("")), auth.OAuth2(auth.OAuth2Config{TokenURL: "http://h"}),
		auth.OAuth2(auth.OAuth2Config{ClientID: "x", TokenURL: "nowhere"}), auth.JWTBearer(auth.JWTConfig{TokenURL: "http://h"})} {
		header = nil
		c := transporttest.Serve(t, h, transport.WithAuth(empty))
		_, err := c.Do(ctx, transport.Request{})
		assert.True(t, transporttest.AsError(t, err).Configuration(), "%v: %v", empty, err)
		assert.Nil(t, header, "nothing is sent")
	}
	c = transporttest.Serve(t, h, transport.WithAuth(auth.FirstOf(auth.Bearer(""), auth.Basic("", ""), auth.HeaderKey("X-K", "v"), auth.None())))
	_, _ = c.Do(ctx, transport.Request{})
	assert.Equal(t, "v", header.Get("X-K"))
	c = transporttest.Serve(t, h, transport.WithAuth(auth.FirstOf(auth.Bearer(""), auth.None())))
	_, err := c.Do(ctx, transport.Request{})
	assert.Equal(t, 400, transporttest.AsError(t, err).Status)
}
