package connectortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/connectortest/fakeapi"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A rotating connector reads a source that replaces the refresh token at each use.
type rotating struct {
	BaseURL      string           `json:"base_url"`
	ClientSecret connector.Secret `json:"client_secret"`
	RefreshToken connector.Secret `json:"refresh_token" jsonschema:"rotates"`
	fault        string
}

func newRotating(fault string) *rotating {
	return &rotating{BaseURL: "http://shop.test", ClientSecret: "client-0123456789", RefreshToken: "refresh-0123456789", fault: fault}
}

// newRotatingShop returns the source of a rotating connector.
func newRotatingShop() http.Handler {
	return fakeapi.New(nil, fakeapi.Collection("/orders", posts(18), fakeapi.PageSize(4), fakeapi.ByPage("page", "per_page")),
		fakeapi.OAuth("/token", "id", "client-0123456789", fakeapi.RefreshToken("refresh-0123456789"), fakeapi.ExpiresIn(time.Minute)))
}

// client returns a new client each time, as the methods of many connectors do.
func (c *rotating) client(ctx context.Context) (*transport.Client, error) {
	config := auth.OAuth2Config{
		TokenURL: c.BaseURL + "/token", ClientID: "id", ClientSecret: c.ClientSecret.Reveal(), RefreshToken: c.RefreshToken.Reveal(),
		Rotated: func(ctx context.Context, token string) error {
			return connector.ReplaceSecret(ctx, "refresh_token", connector.Secret(token))
		},
	}
	switch c.fault {
	case "without Rotated":
		config.Rotated = nil
	case "ignored":
		config.Rotated = func(context.Context, string) error { return nil }
	case "another field":
		config.Rotated = func(ctx context.Context, token string) error {
			return connector.ReplaceSecret(ctx, "refreshtoken", connector.Secret(token))
		}
	case "a field that does not rotate":
		config.Rotated = func(ctx context.Context, token string) error {
			return connector.ReplaceSecret(ctx, "client_secret", connector.Secret(token))
		}
	}
	return transport.New(c.BaseURL, transport.WithAuth(auth.OAuth2(config)), transport.WithLogger(connector.Logger(ctx)))
}

func (c *rotating) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[post]("orders"))
}

func (c *rotating) Test(ctx context.Context) error {
	client, err := c.client(ctx)
	if err != nil {
		return err
	}
	_, err = client.Do(ctx, transport.Request{Path: "/orders"})
	return err
}

func (c *rotating) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	client, err := c.client(ctx)
	if err != nil {
		return err
	}
	for p, err := range transport.Records[post](ctx, client, transport.Request{Path: "/orders"}, paging.PageNumber{}) {
		if err != nil {
			return err
		}
		if err := out.Upsert("orders", p); err != nil {
			return err
		}
	}
	return nil
}

func TestAConnectorWhoseRefreshTokenIsReplacedPasses(t *testing.T) {
	connectortest.Run(t, newRotating(""), connectortest.Source(newRotatingShop))
}

func TestRunFailsForAConnectorThatLosesItsRefreshToken(t *testing.T) {
	for _, fault := range []string{"without Rotated", "ignored"} {
		t.Run(fault, func(t *testing.T) {
			reports := connectortest.Record(t, newRotating(fault), connectortest.Source(newRotatingShop))
			found := strings.Join(findings(reports), "\n")
			assert.Contains(t, found, "invalid_grant")
			assert.Contains(t, found, "the refresh token is no longer valid: connect the account again")
			assert.NotContains(t, found, "refresh-0123456789")
		})
	}
	for fault, want := range map[string]string{
		"another field":                `the configuration has no field "refreshtoken" that is tagged`,
		"a field that does not rotate": `the configuration has no field "client_secret" that is tagged`,
	} {
		t.Run(fault, func(t *testing.T) {
			reports := connectortest.Record(t, newRotating(fault), connectortest.Source(newRotatingShop))
			assert.Contains(t, strings.Join(findings(reports), "\n"), want)
		})
	}
}

func TestASyncWarnsOfALostRefreshToken(t *testing.T) {
	r := connectortest.Sync(t, newRotating("without Rotated"), connectortest.Source(newRotatingShop))
	var warnings []string
	for _, op := range r.Operations {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
	}
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "the source replaced the refresh token")
	assert.Contains(t, warnings[0], "OAuth2Config.Rotated")
}

func TestAResultHasTheReplacedSecrets(t *testing.T) {
	var api *fakeapi.API
	r := connectortest.Sync(t, newRotating(""), connectortest.Source(func() http.Handler {
		api = newRotatingShop().(*fakeapi.API)
		return api
	}))
	var replaced []string
	for _, op := range r.Operations {
		if op.Kind == host.OpReplacedSecret {
			replaced = append(replaced, op.Field+"="+op.Value.Reveal())
		}
	}
	assert.Equal(t, []string{"refresh_token=" + api.RefreshToken()}, replaced)
}

// A platformOf runs a connector on a platform that stores replaced secrets. It is given
// the configuration and returns the one to use from then on, and what the platform saw.
type platformOf func(ctx context.Context, action string, configuration []byte) (stored []byte, output string, err error)

func onStdin(ctx context.Context, action string, configuration []byte) (stored []byte, output string, err error) {
	var out bytes.Buffer
	err = stdin.Serve(ctx, newRotating(""), strings.NewReader(fmt.Sprintf(`{"secrets":%s,"selection":{"action":%q}}`, configuration, action)), &out, host.LogTo(slog.DiscardHandler))
	var values map[string]any
	if err := errors.Join(err, json.Unmarshal(configuration, &values)); err != nil {
		return nil, out.String(), err
	}
	for line := range strings.Lines(out.String()) {
		var l struct {
			Type    string
			Secrets map[string]string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			return nil, "", err
		}
		if l.Type != "SECRETS" {
			output += line
		}
		for name, value := range l.Secrets {
			values[name] = value
		}
	}
	stored, err = json.Marshal(values)
	return stored, output, err
}

func onAirbyte(t *testing.T) platformOf {
	t.Helper()
	return func(ctx context.Context, action string, configuration []byte) (stored []byte, output string, err error) {
		path := filepath.Join(t.TempDir(), "config.json")
		if err := os.WriteFile(path, configuration, 0o600); err != nil {
			return nil, "", err
		}
		args := map[string][]string{"test": {"check"}, "schema": {"discover"}, "sync": {"read", "--catalog", path + ".catalog"}}[action]
		if err := os.WriteFile(path+".catalog", []byte(`{"streams":[{"stream":{"name":"orders","namespace":"shop","json_schema":{},"supported_sync_modes":["full_refresh"]},"sync_mode":"full_refresh","destination_sync_mode":"overwrite"}]}`), 0o600); err != nil {
			return nil, "", err
		}
		var out bytes.Buffer
		err = airbyte.Serve(ctx, newRotating(""), append(args, "--config", path), &out, host.LogTo(slog.DiscardHandler))
		stored = configuration
		for line := range strings.Lines(out.String()) {
			var l struct {
				Control struct {
					ConnectorConfig struct{ Config json.RawMessage }
				}
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				return nil, "", err
			}
			if l.Control.ConnectorConfig.Config != nil {
				stored = l.Control.ConnectorConfig.Config
			} else {
				output += line
			}
		}
		return stored, output, err
	}
}

// inMemory is a round tripper that leads to an API.
type inMemory struct{ api *fakeapi.API }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) { return roundTrip(m.api, r) }

// Each action uses up the refresh token, so a single new value that does not reach the
// platform locks the connector out.
func TestActionsInARowNeverLockAConnectorOut(t *testing.T) {
	for name, platform := range map[string]platformOf{"stdin": onStdin, "airbyte": onAirbyte(t)} {
		t.Run(name, func(t *testing.T) {
			api := newRotatingShop().(*fakeapi.API)
			ctx := transport.NewContext(t.Context(), inMemory{api})
			configuration := []byte(`{"base_url":"http://shop.test","client_secret":"client-0123456789","refresh_token":"refresh-0123456789"}`)
			for n, action := range []string{"test", "schema", "sync", "test", "sync", "sync"} {
				stored, output, err := platform(ctx, action, configuration)
				require.NoError(t, err)
				assert.NotContains(t, output, "FAIL", "a failed test")
				assert.NotContains(t, output, "WARN")
				assert.NotContains(t, output, "0123456789")
				if action != "schema" { // which needs no request
					assert.NotEqual(t, string(configuration), string(stored))
				}
				configuration = stored
				assert.Contains(t, string(configuration), api.RefreshToken())
				assert.LessOrEqual(t, api.TokensIssued(), n+1)
			}
		})
	}
}

// Singer has no place for new values.
func TestAPlatformWithoutAPlaceForARefreshTokenWarnsItsUser(t *testing.T) {
	api := newRotatingShop().(*fakeapi.API)
	ctx := transport.NewContext(t.Context(), inMemory{api})
	path := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"base_url":"http://shop.test","client_secret":"client-0123456789","refresh_token":"refresh-0123456789"}`), 0o600))
	sync := func() (out, log bytes.Buffer, err error) {
		err = singer.Serve(ctx, newRotating(""), []string{"--config", path}, &out, host.LogTo(slog.NewTextHandler(&log, nil)))
		return out, log, err
	}
	out, log, err := sync()
	require.NoError(t, err, "this run still works")
	assert.Equal(t, 18, strings.Count(out.String(), `"type":"RECORD"`))
	assert.Equal(t, 1, strings.Count(log.String(), "level=WARN"), log.String())
	assert.Contains(t, log.String(), "could not be stored (field refresh_token: the platform cannot store new values of the configuration)")
	assert.NotContains(t, log.String()+out.String(), api.RefreshToken())

	_, log, err = sync()
	assert.Equal(t, connector.Configuration, connector.KindOf(err))
	assert.ErrorContains(t, err, "the refresh token is no longer valid: connect the account again")
	assert.Contains(t, log.String(), "connect the account again")
}
