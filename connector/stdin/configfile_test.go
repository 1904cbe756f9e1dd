//go:build unix

package stdin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock"
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A rotating connector replaces its token each time it is used.
type rotating struct {
	Token connector.Secret `json:"token" jsonschema:"rotates"`
	Size  int              `json:"size,omitempty"`
}

func (r *rotating) rotate(ctx context.Context) error {
	var n int
	if _, err := fmt.Sscanf(r.Token.Reveal(), "token-number-%d", &n); err != nil {
		return errors.New("the token is not valid")
	}
	return connector.ReplaceSecret(ctx, "token", connector.Secret(fmt.Sprintf("token-number-%d", n+1)))
}

func (*rotating) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", schema.Table{Name: "t"})
}
func (r *rotating) Test(ctx context.Context) error { return r.rotate(ctx) }
func (r *rotating) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	return errors.Join(r.rotate(ctx), out.Upsert("t", map[string]any{"n": 1}))
}

func beRotating() { penstock.Main(&rotating{}) }

// answerOf runs the program of a rotating connector.
func answerOf(t *testing.T, request string, args ...string) (out, stderr string, status int) {
	t.Helper()
	cmd := binary(t, "rotating", args...)
	var stdout, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(request), &stdout, &errOut
	status = exitCode(t, cmd.Run())
	return stdout.String(), errOut.String(), status
}

func TestAReplacedSecretIsSavedInTheFileOfTheConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, link := filepath.Join(dir, "config.json"), filepath.Join(dir, "link.json")
	require.NoError(t, os.WriteFile(config, []byte("{\n  \"size\": 5,\n  \"token\": \"token-number-1\"\n}\n"), 0o640))
	require.NoError(t, os.Symlink("config.json", link))
	for _, args := range [][]string{{"test", "--config", config}, {"sync", "--config", link}, {"sync", "--config", config, "--state", filepath.Join(dir, "state.json")}} {
		out, stderr, status := answerOf(t, "", args...)
		require.Equal(t, 0, status, out+stderr)
		assert.NotContains(t, out+stderr, "token-number", "neither the old nor the new value is shown")
		assert.NotContains(t, out, "SECRETS")
	}
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	assert.Equal(t, "{\n  \"size\": 5,\n  \"token\": \"token-number-4\"\n}\n", string(text))
	info, err := os.Lstat(config)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode())
	info, err = os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSymlink, info.Mode().Type())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "no temporary file is left behind")
}

func TestAStateFileThatIsASymbolicLinkStaysOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, target, link := filepath.Join(dir, "config.json"), filepath.Join(dir, "state.json"), filepath.Join(dir, "link.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"token":"token-number-1"}`), 0o600))
	require.NoError(t, os.Symlink("state.json", link))
	require.NoError(t, os.WriteFile(target, []byte(`{}`), 0o600))
	out, stderr, status := answerOf(t, "", "sync", "--config", config, "--state", link)
	require.Equal(t, 0, status, out+stderr)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSymlink, info.Mode().Type())
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.NotEqual(t, `{}`, string(text), "the file holds the new state")
}

func TestAReplacedSecretPrecedesTheAnswer(t *testing.T) {
	t.Parallel()
	for action, next := range map[string]string{"test": `{"status":"SUCCESS"`, "sync": `{"type":"RECORD"`} {
		out, stderr, status := answerOf(t, `{"secrets":{"token":"token-number-1"},"selection":{"action":"`+action+`"}}`)
		require.Equal(t, 0, status, stderr)
		lines := fixture.Lines(t, out)
		assert.Equal(t, `{"type":"SECRETS","secrets":{"token":"token-number-2"}}`, lines[0])
		assert.True(t, strings.HasPrefix(lines[1], next), lines[1])
		assert.NotContains(t, stderr, "token-number")
	}
}

func TestACommandWithoutAConfigurationSaysHowToPassOne(t *testing.T) {
	t.Parallel()
	_, stderr, status := answerOf(t, "", "test")
	assert.Equal(t, 1, status)
	assert.Contains(t, stderr, "token: is required; name the file with the configuration with --config")
}
