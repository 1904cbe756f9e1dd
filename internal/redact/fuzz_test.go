package redact_test

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// escapers are the ways in which programs escape a text. They can be combined.
var escapers = []func(string) string{
	quoted,
	func(s string) string { return strings.ReplaceAll(quoted(s), "/", `\/`) },
	func(s string) string { return entities(s, `\u{%x}`) },
	url.QueryEscape,
	url.PathEscape,
	html.EscapeString,
	func(s string) string { return entities(s, "&#%d;") },
}

func FuzzText(f *testing.F) {
	f.Add("zQ7xK2Lm9Vt4RsW", []byte{0, 3}, "text")
	f.Add(marks, []byte{5, 1, 2}, `{"a":"b\u0026"}`)
	f.Add("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\n-----END KEY-----", []byte{0}, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw…")
	f.Add("postgres://a:b%40cdefg@h/d?password=xyzxyz", []byte{3}, "b@cdefg")
	f.Add(`{"private_key":"abcdefgh"}`, []byte{4}, "Password='x\\'y';")
	f.Fuzz(func(t *testing.T, secret string, chain []byte, text string) {
		set := redact.New([]string{secret})
		_ = set.Text(text) // must not panic
		_, _ = set.Find(text)
		if data, err := json.Marshal(map[string]string{text: text + secret}); err == nil {
			_, _, err = set.Data(data)
			assert.NoError(t, err)
		}
		plain := strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f && r != '+' && r != '\\' {
				return r
			}
			return -1
		}, secret)
		if strings.ContainsFunc(secret, func(r rune) bool { return 0x80 <= r && r < 0xa0 || r == utf8.RuneError }) {
			return // HTML gives numbers of control characters another meaning
		}
		if len(plain) < 9 || !utf8.ValidString(secret) || strings.ContainsAny(secret, "%&\\") {
			return // its normal form may be shorter, or need more levels
		}
		spelled := secret
		for _, c := range chain[:min(len(chain), 4)] {
			spelled = escapers[int(c)%len(escapers)](spelled)
		}
		assert.NotContains(t, set.Text("before: "+spelled+" :after"), spelled)
		data, err := json.Marshal([]string{spelled})
		assert.NoError(t, err)
		assert.True(t, set.InData(data))
		masked, count, err := set.Data(data)
		assert.NoError(t, err)
		assert.Equal(t, 1, count)
		assert.NotContains(t, string(masked), string(data[len(`["`):len(data)-len(`"]`)]))
	})
}
