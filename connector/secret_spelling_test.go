package connector_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

var upperEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen for a string
	}
	return string(b[1 : len(b)-1])
}

func slashesEscaped(s string) string { return strings.ReplaceAll(s, "/", `\/`) }

// unicodeEscaped replaces each byte of an ASCII text by \u00XX.
func unicodeEscaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String()
}

// spellingsOfSecrets holds the outputs of encoding/json and of PHP, Python, .NET, HTML
// and URL encoders for a secret.
var spellingsOfSecrets = map[string]func(string) string{
	"plain":     func(s string) string { return s },
	"go json":   inJSON,
	"quoted":    func(s string) string { q := strconv.Quote(s); return q[1 : len(q)-1] },
	"query":     url.QueryEscape,
	"path":      url.PathEscape,
	"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"basic":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
	"hex":       func(s string) string { return hex.EncodeToString([]byte(s)) },
	"html":      html.EscapeString,
	"ascii json": func(s string) string {
		q := strconv.QuoteToASCII(s)
		return q[1 : len(q)-1]
	},
	"json with escaped slashes": func(s string) string { return slashesEscaped(inJSON(s)) },
	"query in lower case": func(s string) string {
		return upperEscape.ReplaceAllStringFunc(url.QueryEscape(s), strings.ToLower)
	},
	"query with %20 for a space": func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") },
}

var secretsWithMarks = map[string]string{
	"all marks":         `pä"s\w/rd<&>+ %7!`,
	"base64 key":        "Zm9v+YmFy/YmF6cXV4cXV1eA==",
	"ordinary password": "Tr0ub4dor&3#x!",
}

// stringsIn returns all strings in lines of JSON, including the names of members.
func stringsIn(lines string) string {
	var all []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			all = append(all, v)
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for name, e := range v {
				all = append(all, name)
				walk(e)
			}
		}
	}
	for line := range strings.Lines(lines) {
		var v any
		if json.Unmarshal([]byte(line), &v) == nil {
			walk(v)
		}
	}
	return strings.Join(all, "\n")
}

// request returns a request of the stdin protocol. An empty action means a sync.
func request(t testing.TB, action, key string) string {
	t.Helper()
	secrets, err := json.Marshal(map[string]string{"key": key})
	require.NoError(t, err)
	return fmt.Sprintf(`{"secrets":%s,"selection":{"action":%q}}`, secrets, action)
}

// A spelledSecret is a secret with one of its spellings.
type spelledSecret struct{ name, secret, spelled string }

func spelledSecrets() []spelledSecret {
	var all []spelledSecret
	for kind, secret := range secretsWithMarks {
		for name, spell := range spellingsOfSecrets {
			all = append(all, spelledSecret{kind + ", " + name, secret, spell(secret)})
		}
	}
	return all
}

func TestNoSpellingOfASecretAppearsInResponsesAndLogs(t *testing.T) {
	for _, s := range spelledSecrets() {
		t.Run(s.name, func(t *testing.T) {
			c := &scripted{sync: func(ctx context.Context, _ *scripted, _ state.State, out connector.Emitter) error {
				connector.Logger(ctx).Warn("said: " + s.spelled)
				if err := out.Warn("said: " + s.spelled); err != nil {
					return err
				}
				return fmt.Errorf("the source said: %s", s.spelled)
			}}
			var log bytes.Buffer
			out, _ := answer(t.Context(), c, request(t, "sync", s.secret), slog.NewJSONHandler(&log, nil))
			require.Contains(t, out, "said: ")
			assert.NotContains(t, stringsIn(out), s.spelled, "in the response")
			assert.NotContains(t, stringsIn(log.String()), s.spelled, "in the log")
		})
	}
}

// The source repeats the request in its error response.
func TestNoSpellingOfASecretThatASourceRepeatsReachesTheUser(t *testing.T) {
	for _, s := range spelledSecrets() {
		t.Run(s.name, func(t *testing.T) {
			c := &scripted{test: func(ctx context.Context, c *scripted) error {
				client, err := transport.New("http://api.test", transport.WithAuth(auth.QueryKey("api_key", c.Key.Reveal())))
				if err != nil {
					return err
				}
				_, err = client.Do(ctx, transport.Request{Path: "/me"})
				return err
			}}
			ctx := transport.NewContext(t.Context(), memorySource(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprintf(w, "bad request: /me?api_key=%s", s.spelled)
			}))
			out, _ := answer(ctx, c, request(t, "test", s.secret), slog.DiscardHandler)
			require.Contains(t, out, "FAILURE")
			assert.NotContains(t, stringsIn(out), s.spelled)
		})
	}
}

const (
	plainSecret = "zQ7xK2Lm9Vt4RsW"
	markSecret  = "zQ7&K2<Lm>9Vt4RsW"
	slashSecret = "zQ7/K2pL+m9/Vt4Rs=="
)

// unseen runs a sync and asserts that no string of the response contains the secret,
// in any spelling that JSON allows (RFC 8259, section 7).
func unseen(t testing.TB, secret string, sync func(st state.State, out connector.Emitter) error) {
	t.Helper()
	c := &scripted{
		tables: []schema.Table{idTable("t", schema.Column{Name: "text", Type: schema.TypeString}, schema.Column{Name: "json", Type: schema.TypeJSON})},
		sync: func(_ context.Context, _ *scripted, st state.State, out connector.Emitter) error {
			return sync(st, out)
		},
	}
	out, _ := answer(t.Context(), c, request(t, "sync", secret), slog.DiscardHandler)
	require.NotEmpty(t, out)
	assert.NotContains(t, stringsIn(out), secret)
}

func TestAStateThatContainsASecretInAnySpellingIsRefused(t *testing.T) {
	const separator = "zQ7x\u2028K2Lm9Vt4RsW"
	for name, c := range map[string]struct {
		secret string
		value  any
	}{
		"plain":           {plainSecret, plainSecret},
		"marks":           {markSecret, markSecret},
		"marks, in a map": {markSecret, map[string]string{"token": markSecret}},
		"line separator":  {separator, separator},
		"slashes":         {slashSecret, json.RawMessage(`"` + slashesEscaped(slashSecret) + `"`)},
		"Unicode escapes": {plainSecret, json.RawMessage(`"` + unicodeEscaped(plainSecret) + `"`)},
	} {
		t.Run(name, func(t *testing.T) {
			unseen(t, c.secret, func(st state.State, _ connector.Emitter) error { return st.Table("t").Set("token", c.value) })
		})
	}
}

func TestASecretInAnySpellingIsMaskedInRows(t *testing.T) {
	slashes, unicode := `"`+slashesEscaped(slashSecret)+`"`, `"`+unicodeEscaped(plainSecret)+`"`
	for name, c := range map[string]struct{ secret, row string }{
		"plain":                   {plainSecret, `{"id":1,"text":"` + plainSecret + `"}`},
		"slashes":                 {slashSecret, `{"id":1,"text":` + slashes + `}`},
		"slashes in JSON":         {slashSecret, `{"id":1,"json":{"a":[` + slashes + `]}}`},
		"marks":                   {markSecret, `{"id":1,"text":"zQ7\u0026K2\u003cLm\u003e9Vt4RsW"}`},
		"Unicode escapes":         {plainSecret, `{"id":1,"text":` + unicode + `}`},
		"Unicode escapes in JSON": {plainSecret, `{"id":1,"json":[` + unicode + `]}`},
		"Unicode escapes in an undeclared column": {plainSecret, `{"id":1,"more":` + unicode + `}`},
		"name of a member":                        {plainSecret, `{"id":1,"json":{"` + plainSecret + `":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			unseen(t, c.secret, func(_ state.State, out connector.Emitter) error {
				return out.Upsert("t", json.RawMessage(c.row))
			})
		})
	}
}

// An error quotes the start of a source's response, with white space folded.
func TestNoPartOfASecretRemainsInTruncatedText(t *testing.T) {
	long := "sk_live_" + strings.Repeat("A1b2C3d4E5f6G7h8", 60)
	spaced := "abcdefgh  ijklmnop  qrstuvwx"
	fold := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	for _, s := range []struct{ name, key, body string }{
		{"whole", long[:40], "unknown key " + long[:40]},
		{"cut after 10", long[:40], strings.Repeat("x", 190) + long[:40]},
		{"cut after 30", long[:40], strings.Repeat("x", 170) + long[:40]},
		{"longer than the excerpt", long, "unknown key " + long},
		{"longer than the excerpt, in JSON", long, `{"error":"unknown key ` + long + `"}`},
		{"white space is folded", spaced, "unknown key " + spaced},
	} {
		t.Run(s.name, func(t *testing.T) {
			ask := func(ctx context.Context, c *scripted) error {
				client, err := transport.New("http://api.test", transport.WithAuth(auth.Bearer(c.Key.Reveal())))
				if err != nil {
					return err
				}
				_, err = client.Do(ctx, transport.Request{Path: "/me"})
				return err
			}
			c := &scripted{test: ask, sync: func(ctx context.Context, c *scripted, _ state.State, _ connector.Emitter) error { return ask(ctx, c) }}
			ctx := transport.NewContext(t.Context(), memorySource(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, s.body)
			}))
			for _, action := range []string{"test", "sync"} {
				var log bytes.Buffer
				out, _ := answer(ctx, c, request(t, action, s.key), slog.NewTextHandler(&log, nil))
				text, key := fold(out+log.String()), fold(s.key)
				n := 0
				for n < len(key) && strings.Contains(text, key[:n+1]) {
					n++
				}
				assert.Less(t, n, 9, "bytes of the key that %s shows: %s", action, text)
			}
		})
	}
}
