package connectortest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/state"
)

func TestASecretThatIsTooShortToFindIsLogged(t *testing.T) {
	c, network := newReference("")
	c.APIKey, network.key = "k", "k"
	r := connectortest.Record(t, c, connectortest.Network(network), connectortest.Only(connectortest.RuleNames(), "Secrets"))["Secrets"]
	assert.False(t, r.Failed(), "%v", r)
	assert.Contains(t, strings.Join(r.Logs, "\n"), "field api_key holds fewer than 8 bytes")
}

// nested is a connector with a secret in a nested struct.
type nested struct {
	counter
	Proxy struct {
		Password connector.Secret `json:"password"`
		User     string           `json:"user,omitempty"`
	} `json:"proxy"`
}

func (c *nested) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	password := c.Proxy.Password.Reveal()
	if err := out.Warn("logged in with " + password[:7] + "-" + password[7:14] + "-" + password[14:]); err != nil {
		return err
	}
	return c.counter.Sync(ctx, st, out)
}

func TestSecretsInNestedFieldsAreFound(t *testing.T) {
	c := &nested{counter: counter{Limit: 1}}
	c.Proxy.Password = "0123456789-abcdef-42"
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Secrets"))["Secrets"]
	assert.Contains(t, r.String(), "a warning contains the secret proxy.password in pieces: logged in with…")
	assert.NotContains(t, r.String(), "0123456", "a test report must not contain it, either")
}
