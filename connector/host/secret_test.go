package host_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

const planted = `pl"nted/sécret+0123456789`

func TestASecretIsMaskedByEveryFormatterAndEncoder(t *testing.T) {
	secret := connector.Secret(planted)
	type holder struct {
		Key connector.Secret
		Ptr *connector.Secret
	}
	h := holder{secret, &secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%T %v"} {
		for _, v := range []any{secret, h, []any{secret}, map[string]any{"k": secret}, []connector.Secret{secret}} {
			args := []any{v}
			if verb == "%T %v" {
				args = []any{v, v}
			}
			text := fmt.Sprintf(verb, args...)
			assert.NotContains(t, text, "0123456789", verb)
			assert.NotContains(t, text, hex.EncodeToString([]byte("0123456789")), verb)
		}
	}
	encoded, err := json.Marshal(h)
	require.NoError(t, err)
	assert.JSONEq(t, `{"Key":"[redacted]","Ptr":"[redacted]"}`, string(encoded))
	marshaled, err := xml.Marshal(holder{Key: secret})
	require.NoError(t, err)
	assert.NotContains(t, string(marshaled), "0123456789")
	assert.NotContains(t, errors.Join(fmt.Errorf("bad key %w", fmt.Errorf("%v", secret))).Error(), "0123456789")
	for _, handler := range []func(*bytes.Buffer) slog.Handler{
		func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("x", "key", secret, "holder", h)
		assert.NotContains(t, log.String(), "0123456789")
		assert.Contains(t, log.String(), "[redacted]")
	}
	assert.Equal(t, planted, secret.Reveal())
	assert.Empty(t, fmt.Sprint(connector.Secret("")))
}

// encodingsOf returns the forms in which a secret may leave a run by accident.
func encodingsOf(s string) map[string]string {
	quoted, _ := json.Marshal(s)
	return map[string]string{
		"plain":  s,
		"json":   string(quoted[1 : len(quoted)-1]),
		"go":     fmt.Sprintf("%q", s),
		"query":  url.QueryEscape(s),
		"path":   url.PathEscape(s),
		"base64": base64.StdEncoding.EncodeToString([]byte(s)),
		"basic":  base64.StdEncoding.EncodeToString([]byte("user:" + s)),
		"basic2": base64.StdEncoding.EncodeToString([]byte("name:" + s + ":x")),
		"raw64":  base64.RawURLEncoding.EncodeToString([]byte("u:" + s)),
		"hex":    hex.EncodeToString([]byte(s)),
	}
}

func TestARunWritesNoSecret(t *testing.T) {
	for name, leak := range encodingsOf(planted) {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			request, err := json.Marshal(map[string]any{"secrets": map[string]string{"api_key": planted}})
			require.NoError(t, err)
			type detail struct{ URL string }
			lines, runErr := fixture.Answer(t, &fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
				l := connector.Logger(ctx)
				l.With("with", leak).WithGroup("g").Error("message "+leak, "attr", leak, "error", errors.New(leak), "any", detail{leak},
					"ptr", &detail{leak}, slog.Group("group", "a", leak), "bytes", []string{leak})
				require.NoError(t, out.Warn("careful: "+leak))
				panic("lost " + leak)
			}}, string(request), host.LogTo(slog.NewJSONHandler(&log, nil)))
			require.Error(t, runErr)
			everything := fmt.Sprint(lines, runErr.Error(), log.String())
			for encoding, text := range encodingsOf(planted) {
				if encoding == "basic" || encoding == "basic2" || encoding == "raw64" {
					text = text[8:24] // only the secret determines this part
				}
				assert.NotContains(t, everything, text, encoding)
			}
			assert.Contains(t, everything, "[redacted]")
		})
	}
}

func TestAShortSecretIsMaskedWhereItIsASeparateWord(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(context.Context, state.State, connector.Emitter) error {
		return errors.New("bad key: k (token=k) of kiosk")
	}}, `{"secrets":{"api_key":"k"}}`)
	require.Error(t, err)
	assert.Contains(t, lines[len(lines)-1], "bad key: [redacted] (token=[redacted]) of kiosk")
}

func TestASecretInARowIsMaskedAndReported(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("carts", map[string]any{
			"id": 9007199254740993, "note": "key " + planted + "!", planted: 1, "n": json.Number("1.50"), "deep": []any{map[string]any{"a": planted}},
		})
	}}, `{"secrets":{"api_key":`+quote(planted)+`}}`)
	require.NoError(t, err)
	require.Len(t, lines, 3)
	assert.JSONEq(t, `{"type":"RECORD","record":{"shop":{"carts":{"id":9007199254740993,"note":"key [redacted]!","[redacted]":1,"n":1.50,"deep":[{"a":"[redacted]"}]}}}}`, lines[0])
	assert.Contains(t, lines[0], `"id":9007199254740993`)
	assert.Contains(t, lines[0], `"n":1.50`)
	assert.Contains(t, lines[1], "a secret of the configuration was masked in 3 values")
}

func TestTheDigitsOfANumberAreNotMasked(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("carts", map[string]any{"id": 1234567890})
	}}, `{"secrets":{"api_key":"1234567890"}}`)
	require.NoError(t, err)
	assert.Contains(t, lines[0], `{"id":1234567890}`)
}

func TestAStateThatContainsASecretIsRefused(t *testing.T) {
	lines, err := fixture.Answer(t, &fixture.Shop{OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		require.NoError(t, st.Shared().Set("next", "https://api.example.com/?api_key="+planted))
		return nil
	}}, `{"secrets":{"api_key":`+quote(planted)+`}}`)
	require.Error(t, err)
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "SEVERE")
	assert.Contains(t, lines[0], "it would contain a secret")
}

func quote(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted)
}

func TestASecretInAKeyOrAGroupOfTheLogIsMasked(t *testing.T) {
	var log bytes.Buffer
	c := &fixture.Shop{APIKey: "key-0123456789", OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		connector.Logger(ctx).WithGroup("key-0123456789").With("key-0123456789", 1).Info("x", "key-0123456789", 2)
		return nil
	}}
	_, err := lastStateOf(t, c, host.LogTo(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	assert.Contains(t, log.String(), "[redacted]")
	assert.NotContains(t, log.String(), "0123456789")
}

func TestASecretThatIsHiddenAtRunTimeIsMasked(t *testing.T) {
	const token = "token-9876543210"
	c := &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		connector.Hide(ctx, token)
		return errors.Join(out.Warn("refreshed "+token), errors.New("refused "+token))
	}}
	var warnings []string
	err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			warnings = append(warnings, op.Message)
		}
		return nil
	})
	assert.Equal(t, []string{"refreshed [redacted]"}, warnings)
	assert.EqualError(t, err, "refused [redacted]")
	connector.Hide(context.Background(), token) // does nothing outside a run
}
