package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// escapable is a secret that JSON encoders spell in different ways.
const escapable = `k<y&/"é😀0123456789`

var jsonSpellings = map[string]string{
	"as encoding/json spells it": `k\u003cy\u0026/\"é😀0123456789`,
	"with few escapes":           `k<y&/\"é😀0123456789`,
	"with escaped slashes":       `k<y&\/\"é😀0123456789`,
	"in ASCII":                   `k<y&/\"\u00e9\ud83d\ude000123456789`,
	"in ASCII, slashes escaped":  `k<y&\/\"\u00e9\ud83d\ude000123456789`,
	"in ASCII, for HTML":         `k\u003cy\u0026/\"\u00e9\ud83d\ude000123456789`,
}

func withEscapable() string { return `{"secrets":{"api_key":` + quote(escapable) + `}}` }

func TestASecretIsMaskedInTextInEverySpelling(t *testing.T) {
	spellings := map[string]string{"HTML": html.EscapeString(escapable), "Go in ASCII": fmt.Sprintf("%+q", escapable)}
	for name, text := range jsonSpellings {
		spellings[name] = text
	}
	for name, text := range spellings {
		lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(context.Context, state.State, connector.Emitter) error {
			return errors.New("refused: " + text)
		}}, withEscapable())
		assert.NotContains(t, err.Error(), "0123456789", name)
		assert.NotContains(t, lines[len(lines)-1], "0123456789", name)
		assert.Contains(t, err.Error(), "[redacted]", name)
	}
}

func TestASecretIsMaskedInRawRowsInEverySpelling(t *testing.T) {
	for name, text := range jsonSpellings {
		var decoded string
		require.NoError(t, json.Unmarshal([]byte(`"`+text+`"`), &decoded))
		require.Equal(t, escapable, decoded, name)
		lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			return out.Upsert("carts", []byte(`{"id":1,"note":"`+text+`","deep":{"a":["`+text+`"]}}`))
		}}, withEscapable())
		require.NoError(t, err, name)
		assert.Contains(t, lines[0], `{"id":1,"note":"[redacted]","deep":{"a":["[redacted]"]}}`, name)
	}
}

func TestAStateThatContainsASecretIsRefusedInEverySpelling(t *testing.T) {
	for _, value := range []any{escapable, map[string]string{"url": "https://api.example.com/?" + escapable}, json.RawMessage(`["` + jsonSpellings["in ASCII"] + `"]`)} {
		var states int
		s := &fixture.Shop{APIKey: escapable, OnSync: func(_ context.Context, st state.State, _ connector.Emitter) error {
			return st.Shared().Set("next", value)
		}}
		err := fixture.Sync(t, s, host.SyncRequest{}, func(op *host.Operation) error {
			if op.Kind == host.OpCheckpoint {
				states++
			}
			return nil
		})
		require.ErrorContains(t, err, "it would contain a secret")
		assert.Equal(t, connector.Defect, connector.KindOf(err))
		assert.Zero(t, states)
	}
}

func TestTheLongerOfTwoSecretsIsMaskedInARow(t *testing.T) {
	const inner, outer = "key-01234567", "key-01234567-and-more"
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		connector.Hide(ctx, inner)
		connector.Hide(ctx, outer)
		return out.Upsert("carts", map[string]any{"id": 1, "note": outer})
	}}, withEscapable())
	require.NoError(t, err)
	assert.Contains(t, lines[0], `{"id":1,"note":"[redacted]"`)
}
