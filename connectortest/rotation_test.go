package connectortest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
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
