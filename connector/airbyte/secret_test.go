package airbyte_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Rotating is a connector whose source replaces its tokens. Its function use is
// called by every method.
type Rotating struct {
	Token connector.Secret `json:"token" jsonschema:"rotates"`
	Proxy struct {
		Password connector.Secret `json:"password,omitempty" jsonschema:"rotates"`
	} `json:"proxy"`
	Login *struct {
		Token connector.Secret `json:"token,omitempty" jsonschema:"rotates"`
	} `json:"login"`

	use func(ctx context.Context) error
}

func (r *Rotating) Schema(ctx context.Context) (schema.Schema, error) {
	tables, err := schema.New("s", schema.Table{Name: "a", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}})
	return tables, errors.Join(err, r.use(ctx))
}
func (r *Rotating) Test(ctx context.Context) error { return r.use(ctx) }
func (r *Rotating) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return errors.Join(out.Upsert("a", id(1)), r.use(ctx), out.Upsert("a", id(2)))
}

func TestAReplacedSecretReachesThePlatformWithTheWholeConfiguration(t *testing.T) {
	t.Parallel()
	const config = `{"more":{"n":1.50,"big":9007199254740993},"token":"old-0123456789","proxy":"{\"password\":\"old-password-1\"}"}`
	both := func(ctx context.Context) error {
		return errors.Join(connector.ReplaceSecret(ctx, "token", "new-0123456789"), connector.ReplaceSecret(ctx, "proxy.password", `new-"password"-1`))
	}
	for command, args := range map[string][]string{
		"check": {"check", "--config", write(t, config)}, "discover": {"discover", "--config", write(t, config)}, "read": readArgs(t, config, catalogOf("a"), ""),
	} {
		calls := 0
		got := serve(t, &Rotating{use: func(ctx context.Context) error {
			if calls++; command == "read" && calls == 1 { // the schema
				return nil
			}
			return both(ctx)
		}}, args)
		require.NoError(t, got.err, command)
		var controls []string
		for i, l := range got.lines {
			if l.Type == "CONTROL" {
				controls = append(controls, got.raw[i])
				continue
			}
			assert.NotContains(t, got.raw[i], "0123456789", command)
		}
		require.Len(t, controls, 2, command)
		for i, want := range []string{
			`{"more":{"n":1.50,"big":9007199254740993},"token":"new-0123456789","proxy":"{\"password\":\"old-password-1\"}"}`,
			`{"more":{"n":1.50,"big":9007199254740993},"token":"new-0123456789","proxy":"{\"password\":\"new-\\\"password\\\"-1\"}"}`,
		} {
			assert.Contains(t, controls[i], `"control":{"type":"CONNECTOR_CONFIG","emitted_at":`, command)
			assert.Contains(t, controls[i], `"connectorConfig":{"config":`+want+`}}}`, command)
		}
	}
}

func TestASecretOfAnOptionalObjectCanBeReplaced(t *testing.T) {
	t.Parallel()
	c := &Rotating{use: func(ctx context.Context) error { return connector.ReplaceSecret(ctx, "login.token", "new-0123456789") }}
	got := serve(t, c, []string{"check", "--config", write(t, `{"token":"t","login":{"token":"old-0123456789"}}`)})
	require.NoError(t, got.err)
	require.Len(t, got.lines, 2)
	assert.Contains(t, got.raw[0], `"config":{"token":"t","login":{"token":"new-0123456789"}}`)
	assert.Equal(t, "SUCCEEDED", got.lines[1].ConnectionStatus.Status)
}

func TestASecretIsNotInTheDescriptionsOfACatalog(t *testing.T) {
	t.Parallel()
	const secret = "key-0123456789"
	tables := func() (schema.Schema, error) {
		return schema.New("s", schema.Table{Name: "a", Description: "from /a?key=" + secret, Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, Description: secret}}})
	}
	got := serve(t, &hidden{source{tables: tables}, secret}, []string{"discover", "--config", write(t, `{}`)})
	require.NoError(t, got.err)
	assert.Contains(t, got.raw[0], `"description":"from /a?key=[redacted]"`)
	assert.NotContains(t, got.raw[0], secret)
}

// A hidden is a source that hides a secret.
type hidden struct {
	source
	secret connector.Secret
}

func (h *hidden) Open(ctx context.Context) error {
	connector.Hide(ctx, h.secret)
	return nil
}

func TestASecretIsInNoOtherMessage(t *testing.T) {
	t.Parallel()
	const secret = "key-0123456789<&"
	config, _ := json.Marshal(map[string]string{"token": secret}) // strings can always be encoded
	use := func(context.Context) error { return errors.New("refused " + secret) }
	for command, args := range map[string][]string{
		"check": {"check", "--config", write(t, string(config))}, "discover": {"discover", "--config", write(t, string(config))},
		"read": readArgs(t, string(config), catalogOf("a", secret), ""), "spec": {"spec"},
	} {
		got := serve(t, &Rotating{Token: secret, use: use}, args)
		require.NotEmpty(t, got.raw)
		assert.NotContains(t, strings.ReplaceAll(strings.Join(got.raw, "\n"), `\u003c\u0026`, "<&"), secret, command)
	}
}

// A Tagged is a connector with secrets whose type is string.
type Tagged struct {
	Pin     string `json:"pin,omitempty" jsonschema:"format=password"`
	Refresh string `json:"refresh,omitempty" jsonschema:"rotates"`
}

func (*Tagged) Schema(context.Context) (schema.Schema, error)              { return schema.New("s") }
func (t *Tagged) Test(context.Context) error                               { return errors.New("refused " + t.Pin + t.Refresh) }
func (*Tagged) Sync(context.Context, state.State, connector.Emitter) error { return nil }

func TestTextThatTheSpecificationMarksAsASecretIsMasked(t *testing.T) {
	t.Parallel()
	got := serve(t, &Tagged{}, []string{"check", "--config", write(t, `{"pin":"pin-0123456789","refresh":"ref-0123456789"}`)})
	require.NoError(t, got.err)
	assert.Contains(t, got.lines[0].ConnectionStatus.Message, "refused [redacted]")
	assert.NotContains(t, got.raw[0], "0123456789")
}

func TestACheckReportsEveryProblemOfTheConfiguration(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"missing.json":                  "missing.json: no such file",
		write(t, `[]`):                  "not a JSON object",
		write(t, `{"token":`):           "not valid JSON",
		write(t, `{}`):                  "token: is required",
		write(t, `{"token":{"a":"b"}}`): "token: ",
	} {
		got := serve(t, &Rotating{use: func(context.Context) error { return nil }}, []string{"check", "--config", path})
		require.NoError(t, got.err)
		require.Len(t, got.lines, 1)
		assert.Equal(t, "FAILED", got.lines[0].ConnectionStatus.Status)
		assert.Contains(t, got.lines[0].ConnectionStatus.Message, want)
	}
}
