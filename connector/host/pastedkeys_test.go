package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

const pastedKey = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"

// An ID that a user has configured looks like a key. It must arrive unchanged in rows.
func TestTextThatLooksLikeAKeyIsMaskedInErrorsButNotInRowsAndStates(t *testing.T) {
	const account = "550e8400-e29b-41d4-a716-446655440000"
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		if err := out.Upsert("carts", map[string]any{"id": 1, "note": account}); err != nil {
			return err
		}
		if err := st.Shared().Set("account", account); err != nil {
			return err
		}
		if err := out.Checkpoint(); err != nil {
			return err
		}
		return errors.New("no access to " + account)
	}}, `{"secrets":{"api_key":"hunter2hunter2","base_url":"https://api.example.com/`+account+`"}}`)
	require.ErrorContains(t, err, "no access to [redacted]")
	assert.Contains(t, lines[0], `"note":"`+account+`"`)
	assert.Contains(t, lines[1], `"account":"`+account+`"`)
	assert.NotContains(t, lines[len(lines)-1], account)
}

func TestThePasswordsAndKeysInAURLOfTheConfigurationAreSecrets(t *testing.T) {
	for base, secret := range map[string]string{
		"https://app:hunter2-hunter@example.com/":            "hunter2-hunter",
		"postgres://app:hunter2%2Fhunter@db/shop":            "hunter2/hunter",
		"https://app:hunter2/%zzhunter@example.com":          "hunter2/%zzhunter",
		"https://example.com/?api_key=hunter2-hunter":        "hunter2-hunter",
		"https://example.com/?page=1&X-Amz-Signature=abcdef": "", // too short
	} {
		run := host.New(t.Context(), &textual{})
		quoted, err := json.Marshal(map[string]string{"text": base, "key": "unrelated-0123"})
		require.NoError(t, err)
		require.NoError(t, run.Configure(quoted))
		if secret == "" {
			assert.Equal(t, "a abcdef", run.Redact("a abcdef"))
		} else {
			assert.Equal(t, "a [redacted]", run.Redact("a "+secret))
		}
		require.NoError(t, run.Close())
	}
}

// A textual source has a field that takes any text.
type textual struct {
	named
	Text string `json:"text,omitempty"`
}

func TestAKeyInAConfigurationThatIsNotValidIsMasked(t *testing.T) {
	for _, configuration := range []string{
		pastedKey, `"` + pastedKey + `"`, `{"text":"` + pastedKey, `{"text":["` + pastedKey + `"]} x`, `{"text":"a"} ` + pastedKey, `{"` + pastedKey + `":1}`,
	} {
		run := host.New(t.Context(), &textual{})
		_ = run.Configure([]byte(configuration))
		assert.Equal(t, "lookup [redacted]: no such host", run.Redact("lookup "+pastedKey+": no such host"), configuration)
		require.NoError(t, run.Close())
	}
}

func TestHelpShowsNoDefaultThatHoldsASecret(t *testing.T) {
	p := &host.Process{Connector: &struct {
		named
		Password string `json:"password" jsonschema:"format=password"`
		URL      string `json:"url"`
		Size     int    `json:"size"`
	}{named: named{Key: "hunter2-hunter"}, Password: "hunter2-hunter", URL: "https://app:hunter2-hunter@example.com", Size: 100}}
	help := p.HelpOnFields()
	assert.Contains(t, help, "default 100")
	assert.Regexp(t, `(?m)^ *password +.*secret`, help, "whatever its type is")
	assert.NotContains(t, help, "hunter2")
}

func TestASecretInANameIsFoundInItsJSONSpelling(t *testing.T) {
	run := host.New(t.Context(), &named{tables: func(key string) []schema.Table { return []schema.Table{tableNamed(fmt.Sprintf("%q", key))} }})
	require.NoError(t, run.Configure([]byte(`{"key":"hunter2-hunter"}`)))
	_, err := run.Schema()
	require.ErrorContains(t, err, "table 1: the name of a table")
	require.NoError(t, run.Close())
}
