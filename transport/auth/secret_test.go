package auth_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestACredentialIsHiddenInErrorsAndLogsAndWhenPrinted(t *testing.T) {
	var query string
	// repeatCredentials is a source that repeats the credentials in its response.
	repeatCredentials := func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		w.WriteHeader(http.StatusBadRequest)
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
		client := transporttest.Serve(t, repeatCredentials, transport.WithAuth(auth), transport.WithLogger(log.Logger()))
		_, err := client.Do(ctx, transport.Request{Path: "/x?a=b"})
		require.Error(t, err)
		assert.Contains(t, err.Error(), "you sent")
		all := fmt.Sprintf("%v %+v %#v %s %q %v", auth, auth, auth, auth, auth, err) + log.String()
		all += fmt.Sprintf("%v %+v %#v", struct{ auth transport.Auth }{auth}, struct{ auth transport.Auth }{auth}, struct{ auth transport.Auth }{auth})
		assert.NotContains(t, all, "s3cret-v")
		assert.NotContains(t, all, "dXNlcjpzM2NyZXQtdg", "the base64 form of the user name and the password")
		assert.Contains(t, query, "a=b")
	}
}

func TestAHeaderKeyWithSpacesIsHiddenAsItWasGivenAndAsItIsSent(t *testing.T) {
	const given = "some  more  words12"
	digest := func(key string) string { return fmt.Sprintf("%x", key) }
	client := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "you sent %s instead of %s and more words12", digest(r.Header.Get("X-Api-Key")), digest(given))
	}, transport.WithAuth(auth.HeaderKey("X-Api-Key", given)))
	_, err := client.Do(ctx, transport.Request{Path: "/x"})
	require.ErrorContains(t, err, "you sent [redacted] instead of [redacted] and [redacted]")
}

func TestAConfigurationAndATokenDoNotShowTheirSecretsWhenPrintedOrLogged(t *testing.T) {
	for name, v := range map[string]any{
		"AccessToken":  auth.AccessToken{Value: "s3cret-v"},
		"LoginConfig":  auth.LoginConfig{Secrets: []string{"s3cret-v"}},
		"OAuth2Config": auth.OAuth2Config{ClientSecret: "s3cret-v", RefreshToken: "s3cret-v"},
		"JWTConfig":    auth.JWTConfig{PrivateKey: "s3cret-v"},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("configured", "auth", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("configured", "auth", v)
		text := fmt.Sprintf("%v %+v %#v %s", v, v, v, []any{v}) + log.String()
		assert.NotContains(t, text, "s3cret")
		assert.Equal(t, 6, strings.Count(text, "auth."+name+"([redacted])"))
	}
}
