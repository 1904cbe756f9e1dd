//go:build unix

package fivetran_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/fivetran"
	"github.com/penstock-sdk/penstock/connector/fivetran/internal/protocol"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
	"github.com/penstock-sdk/penstock/state"
)

func init() {
	programs["noisy"] = func() {
		kept := os.Stdout // a library may keep it in a variable
		penstock.Main(&fixture.Shop{OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
			return beNoisy(ctx, kept, out)
		}}, fivetran.Host)
	}
}

// beNoisy prints to every place where a library might.
func beNoisy(ctx context.Context, kept *os.File, out connector.Emitter) error {
	fmt.Println("stray fmt")
	fmt.Fprintln(kept, "stray kept")
	fmt.Fprintln(os.NewFile(1, "fd"), "stray descriptor")
	log.Println("logged by log", shopKey)
	slog.Info("logged by slog", "key", shopKey)
	slog.Warn("logged\nwith \"marks\"", "text", "a\tb", "list", []string{"x"})
	slog.Debug("logged for debugging")
	connector.Logger(ctx).Error("logged by the connector", "key", connector.Secret(shopKey))
	child := exec.Command("sh", "-c", "echo stray child")
	child.Stdout = os.Stdout
	return errors.Join(child.Run(), out.Upsert("orders", fixture.NewOrder(1)))
}

// logLines decodes the log of a server, each of whose lines must be a JSON object with three
// members.
func logLines(t testing.TB, lines []string, originName, origin string) (levels map[string]string) {
	t.Helper()
	levels = map[string]string{}
	for _, line := range lines {
		var members map[string]string
		require.NoError(t, json.Unmarshal([]byte(line), &members), line)
		require.Len(t, members, 3, line)
		require.Equal(t, origin, members[originName], line)
		require.NotEmpty(t, members["message"], line)
		levels[members["message"]] = members["level"]
	}
	return levels
}

// levelOf returns the level of the message that contains a text.
func levelOf(t testing.TB, levels map[string]string, text string) string {
	t.Helper()
	for message, level := range levels {
		if strings.Contains(message, text) {
			return level
		}
	}
	require.FailNow(t, "no such message", "%q in %v", text, levels)
	return ""
}

func TestEachLineOfStandardOutputIsALineOfTheLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dialect, originName, origin string
		args                        []string
		debug                       string // the level of debugging messages; "" if there are none
	}{
		{"partner-sdk", "message-origin", "sdk_connector", nil, ""},
		{"partner-sdk", "message-origin", "sdk_connector", []string{"--log-level", "debug"}, "INFO"},
		{"connector-sdk", "message_origin", "connector_sdk", []string{"--dialect", "connector-sdk", "--log-level", "debug"}, "DEBUG"},
		{"connector-sdk", "message_origin", "connector_sdk", []string{"--dialect=connector-sdk"}, ""},
	} {
		t.Run(strings.Join(append(test.args, "as "+test.dialect), " "), func(t *testing.T) {
			t.Parallel()
			server := serveProgram(t, "noisy", test.args...)
			client := dial(t, server.address)
			w := newWarehouse(client.schema(t, withKey))
			w.syncWhole(t, client, withKey)
			server.signal(t, syscall.SIGTERM)
			require.Zero(t, server.status())

			lines := server.stdout.lines()
			if test.dialect == "connector-sdk" {
				assert.True(t, strings.HasPrefix(lines[0], "Running on fivetran_connector_sdk: "), lines[0])
				lines = lines[1:]
			}
			levels := logLines(t, lines, test.originName, test.origin)
			assert.Equal(t, "INFO", levelOf(t, levels, "dialect="+test.dialect))
			assert.Equal(t, "INFO", levelOf(t, levels, "logged by log"))
			assert.Equal(t, "INFO", levelOf(t, levels, "logged by slog"))
			assert.Equal(t, "WARNING", levelOf(t, levels, "logged\nwith \"marks\""))
			assert.Equal(t, "SEVERE", levelOf(t, levels, "logged by the connector"))
			assert.Equal(t, "INFO", levelOf(t, levels, "table synced"))
			if test.debug == "" {
				assert.NotContains(t, server.stdout.String(), "logged for debugging")
			} else {
				assert.Equal(t, test.debug, levelOf(t, levels, "logged for debugging"))
			}
			for _, stray := range []string{"fmt", "kept", "descriptor", "child"} {
				assert.Contains(t, server.stderr.String(), "stray "+stray)
			}
			assert.NotContains(t, server.stdout.String(), "stray")
			assert.NotContains(t, server.stdout.String()+server.stderr.String(), shopKey)
		})
	}
}

func TestWarningsAndTasksOfTheConnectorSDKAreJSONObjects(t *testing.T) {
	t.Parallel()
	server := serveProgram(t, "mixed", "--dialect", "connector-sdk")
	w, err := refusedSync(t, dial(t, server.address), map[string]string{"kind": "configuration"}, "")
	require.Error(t, err)
	require.Len(t, w.tasks, 1)
	var task map[string]string
	require.NoError(t, json.Unmarshal([]byte(w.tasks[0]), &task))
	assert.Contains(t, task["message"], "the orders cannot be read")
}

// spellings returns the forms in which a secret might appear.
func spellings(secret string) []string {
	return []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret), strings.ToUpper(secret)}
}

// A user may paste the key into any field, and the key may be wrong.
func TestNoSecretLeavesTheServer(t *testing.T) {
	t.Parallel()
	_, good := serveShop(t, shop.Config{Customers: 3, Orders: 10})
	const secret = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
	withUser := strings.Replace(good["base_url"], "http://", "http://user:"+secret+"@", 1)
	for name, configuration := range map[string]map[string]string{
		"a wrong key":               {"api_key": secret, "base_url": good["base_url"]},
		"the key as the address":    {"api_key": secret, "base_url": secret},
		"the key in the address":    {"api_key": secret, "base_url": good["base_url"] + "/" + secret},
		"the key as a password":     {"api_key": shopKey, "base_url": withUser},
		"the key as a number":       {"api_key": secret, "base_url": good["base_url"], "page_size": secret},
		"the key as a field's name": {"api_key": secret, secret: secret},
		"a key with marks":          {"api_key": secret + "\n\"\\", "base_url": good["base_url"]},
		"a server that is not up":   {"api_key": secret, "base_url": "http://127.0.0.1:1/" + secret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "a server that is not up" {
				needsLong(t, "the connector tries to reach it for a minute")
			}
			server := startServer(t, builtCommand(t, "restapi", append(onLoopback, "--log-level", "debug")...))
			client := dial(t, server.address)
			texts := []string{client.test(t, configuration)}
			stream := client.sync(t, configuration, "")
			err := stream.rest(t, func(m *protocol.UpdateResponse) {
				for _, text := range []*string{m.Warning, m.Task, m.Checkpoint} {
					if text != nil {
						texts = append(texts, *text)
					}
				}
			})
			require.Error(t, err)
			texts = append(texts, err.Error())
			server.signal(t, syscall.SIGTERM)
			require.Zero(t, server.status())
			texts = append(texts, server.stdout.String(), server.stderr.String())
			for _, spelling := range spellings(secret) {
				assert.NotContains(t, strings.Join(texts, "\n"), spelling)
			}
			logLines(t, server.stdout.lines(), "message-origin", "sdk_connector")
		})
	}
}
