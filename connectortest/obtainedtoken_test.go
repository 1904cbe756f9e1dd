package connectortest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

// issuedToken is the access token that tokenSource issues.
const issuedToken = `issued/0123456789+"é"`

type tokenSource struct{}

func (s tokenSource) RoundTrip(r *http.Request) (*http.Response, error) { return roundTrip(s, r) }

func (tokenSource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		fmt.Fprintf(w, `{"access_token":%q}`, issuedToken)
	}
}

// leaking returns a connector that passes the token of its requests to a function. Its
// author has not registered the token.
func leaking(credentials func() transport.Auth, leak func(token string, st state.State, out connector.Emitter) error) *planned {
	return &planned{
		tables: []schema.Table{schema.TableOf[post]("posts")},
		sync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			token := ""
			client, err := transport.New("http://shop.test", transport.WithAuth(credentials()), transport.WithLogger(connector.Logger(ctx)),
				transport.OnRequest(func(r *http.Request) error {
					token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
					return nil
				}))
			if err != nil {
				return err
			}
			if _, err := client.Do(ctx, transport.Request{Path: "/posts"}); err != nil {
				return err
			}
			connector.Logger(ctx).Info("leaked "+token, "token", token)
			return leak(token, st, out)
		},
	}
}

func TestATokenThatTheSourceIssuedReachesNoPlatform(t *testing.T) {
	dir := t.TempDir()
	config, catalog := filepath.Join(dir, "config.json"), filepath.Join(dir, "catalog.json")
	require.NoError(t, os.WriteFile(config, []byte(`{}`), 0o600))
	require.NoError(t, os.WriteFile(catalog, []byte(`{"streams":[{"stream":{"name":"posts","json_schema":{},"supported_sync_modes":["full_refresh"]},"sync_mode":"full_refresh","destination_sync_mode":"overwrite"}]}`), 0o600))
	platforms := map[string]func(ctx context.Context, c connector.Connector, out io.Writer, log host.Option) error{
		"stdin": func(ctx context.Context, c connector.Connector, out io.Writer, log host.Option) error {
			return stdin.Serve(ctx, c, strings.NewReader("{}"), out, log)
		},
		"singer": func(ctx context.Context, c connector.Connector, out io.Writer, log host.Option) error {
			return singer.Serve(ctx, c, []string{"--config", config}, out, log)
		},
		"airbyte": func(ctx context.Context, c connector.Connector, out io.Writer, log host.Option) error {
			return airbyte.Serve(ctx, c, []string{"read", "--config", config, "--catalog", catalog}, out, log)
		},
	}
	kinds := map[string]func() transport.Auth{
		"OAuth2": func() transport.Auth {
			return auth.OAuth2(auth.OAuth2Config{TokenURL: "http://shop.test/token", ClientID: "id", ClientSecret: "client-0123456789"})
		},
		"Login": func() transport.Auth {
			return auth.Login(auth.LoginConfig{Login: func(ctx context.Context, c *transport.Client) (auth.AccessToken, error) {
				token, err := transport.Get[string](ctx, c, transport.Request{Method: "POST", Path: "/token", RecordsAt: "access_token"})
				return auth.AccessToken{Value: token}, err
			}})
		},
	}
	leaks := map[string]struct {
		leak  func(token string, st state.State, out connector.Emitter) error
		fails bool
	}{
		"a row": {func(token string, _ state.State, out connector.Emitter) error {
			return out.Upsert("posts", map[string]any{"id": 1, "note": "http://shop.test?access_token=" + token})
		}, false},
		"a warning": {func(token string, _ state.State, out connector.Emitter) error { return out.Warn("used " + token) }, false},
		"an error":  {func(token string, _ state.State, _ connector.Emitter) error { return fmt.Errorf("refused %q", token) }, true},
		"a state": {func(token string, st state.State, _ connector.Emitter) error {
			return st.Shared().Set("next", "http://shop.test?access_token="+token)
		}, true},
	}
	for platform, serve := range platforms {
		for kind, credentials := range kinds {
			for where, test := range leaks {
				t.Run(platform+", "+kind+", "+where, func(t *testing.T) {
					var out, log bytes.Buffer
					err := serve(transport.NewContext(t.Context(), tokenSource{}), leaking(credentials, test.leak), &out, host.LogTo(slog.NewTextHandler(&log, nil)))
					require.Equal(t, test.fails, err != nil, "%v", err)
					assert.Contains(t, log.String(), "leaked [redacted]")
					assert.NotContains(t, out.String()+log.String()+fmt.Sprint(err), "0123456789")
				})
			}
		}
	}
}
