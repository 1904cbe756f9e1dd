package connectortest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/auth"
)

const (
	programKey  = "key-0123456789"
	replacedKey = "changed-9876543210"
)

// pemKey is a key of several lines.
const pemKey = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n"

// authorized reports whether the source accepts the key.
func (c *slowCounter) authorized() bool {
	switch c.fault {
	case "a replaced secret on standard error":
		return c.Key == programKey || c.Key == replacedKey
	case "a line of a key on standard error":
		return c.Key == pemKey
	}
	return c.Key == programKey
}

// writtenSecrets are the faults of a program that writes its key to standard error.
var writtenSecrets = map[string]func(key string) string{
	"a secret on standard error":                         func(key string) string { return key },
	"a secret in base64 on standard error":               func(key string) string { return base64.StdEncoding.EncodeToString([]byte("u" + key + "~")) },
	"a secret in JSON in JSON on standard error":         func(key string) string { return each(key, `\\u%04x`) },
	"a secret escaped twice for a URL on standard error": func(key string) string { return each(key, "%%25%02x") },
	"a secret in entities on standard error":             func(key string) string { return each(key, "&#%d;") },
	"a secret as bytes on standard error":                func(key string) string { return fmt.Sprintf("%d", []byte(key)) },
	"a truncated secret on standard error":               func(key string) string { return key[:len(key)-3] + "…" },
	"a replaced secret on standard error":                func(string) string { return replacedKey },
	"a line of a key on standard error":                  func(key string) string { return strings.Split(key, "\n")[1] },
}

func each(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// writeSecret writes the key to standard error, if that is the fault.
func (c *slowCounter) writeSecret() {
	if spell := writtenSecrets[c.fault]; spell != nil {
		fmt.Fprintln(os.Stderr, "the key is", spell(c.Key.Reveal()), "for this sync")
	}
}

// answerWithSecret answers a request in place of the connector, or changes its answer. It
// returns the writer of the answer, or nil if the request is answered.
func answerWithSecret(fault string, request []byte, out io.Writer) io.Writer {
	replace := func(action, old, text string) io.Writer {
		if !bytes.Contains(request, []byte(action)) {
			return out
		}
		return writerFunc(func(p []byte) (int, error) {
			_, err := out.Write(bytes.Replace(p, []byte(old), []byte(text), 1))
			return len(p), err
		})
	}
	switch fault {
	case "a secret in the help":
		if len(os.Args) > 1 {
			fmt.Fprintln(out, "--key string   the default is", programKey)
			return nil
		}
	case "a secret as a default in the spec":
		return replace(`"spec"`, `"limit":{`, `"limit":{"description":"such as `+programKey+`",`)
	case "a secret in the name of a column":
		return replace(`"schema"`, `"columns":{`, `"columns":{"`+programKey+`":{"type":"STRING"},`)
	case "a secret in an incomplete line":
		if len(os.Args) > 1 {
			fmt.Fprint(out, "unknown argument; the key is ", programKey)
			return nil
		}
	case "a replaced secret on standard error":
		if bytes.Contains(request, []byte(programKey)) {
			fmt.Fprintf(out, `{"type":"SECRETS","secrets":{"key":%q}}`+"\n", replacedKey)
		}
	}
	return out
}

func TestALineOfAKeyIsFoundOnStandardError(t *testing.T) {
	t.Parallel()
	secrets, err := json.Marshal(map[string]string{"limit": "3", "key": pemKey})
	require.NoError(t, err)
	reports := connectortest.RecordBinary(t.Context(), program(t, "a line of a key on standard error"), secrets,
		connectortest.Only(connectortest.BinaryRuleNames(), "Secrets"))
	assert.Contains(t, reports["Secrets"].String(), `standard error of the action "sync" contains the secret key in plain text: the key is…`)
}

func TestAnIssuedTokenInTheDefaultLogIsFound(t *testing.T) {
	c := leaking(func() transport.Auth {
		return auth.OAuth2(auth.OAuth2Config{TokenURL: "http://shop.test/token", ClientID: "id", ClientSecret: "client-0123456789"})
	}, func(token string, _ state.State, _ connector.Emitter) error {
		slog.Info("logged in", "token", token)
		return nil
	})
	r := connectortest.Record(t, c, connectortest.Network(tokenSource{}), connectortest.Only(connectortest.RuleNames(), "Secrets"))["Secrets"]
	assert.Contains(t, r.String(), "the output of slog.Default or of the log package contains the secret of the header Authorization")
}

// keyring is a connector with secrets in a list. It declares a table for each.
type keyring struct {
	counter
	Keys []connector.Secret `json:"keys"`
}

func (c *keyring) Schema(ctx context.Context) (schema.Schema, error) {
	found, err := c.counter.Schema(ctx)
	if err != nil {
		return nil, err
	}
	table := *found.Tables()[0]
	table.Description = "the numbers for " + each(c.Keys[1].Reveal(), "%%%02x")
	return schema.New("math", table)
}

func TestASecretOfAListIsFoundInTheDescriptionOfATable(t *testing.T) {
	c := &keyring{counter: counter{Limit: 1}, Keys: []connector.Secret{"first-key-0123456789", "second-key-0123456789"}}
	r := connectortest.Record(t, c, connectortest.Only(connectortest.RuleNames(), "Secrets"))["Secrets"]
	assert.Contains(t, r.String(), "the schema contains the secret of the configuration with escapes")
}
