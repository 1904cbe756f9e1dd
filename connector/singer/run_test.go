package singer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/singer"
)

// A call is one command line of a tap. Its files are texts; an empty one is omitted.
type call struct {
	ctx                    context.Context // optional
	config, catalog, state string
	args                   []string // further arguments
	opts                   []host.Option
}

// A message is one line of a tap's output.
type message struct {
	Type, Stream  string
	Record        json.RawMessage
	Schema        json.RawMessage
	KeyProperties []string `json:"key_properties"`
	Value         json.RawMessage
	Version       int64
	TimeExtracted string `json:"time_extracted"`
}

// tap runs a tap and returns its messages.
func tap(t testing.TB, c connector.Connector, in call) ([]message, error) {
	t.Helper()
	lines, err := output(t, c, in)
	messages := make([]message, len(lines))
	for i, line := range lines {
		require.NoError(t, json.Unmarshal([]byte(line), &messages[i]), line)
	}
	return messages, err
}

// output runs a tap and returns the lines of its output.
func output(t testing.TB, c connector.Connector, in call) ([]string, error) {
	t.Helper()
	dir := t.TempDir()
	var args []string
	for _, file := range []struct{ name, content string }{{"config", in.config}, {"catalog", in.catalog}, {"state", in.state}} {
		if file.content != "" {
			path := filepath.Join(dir, file.name+".json")
			require.NoError(t, os.WriteFile(path, []byte(file.content), 0o600))
			args = append(args, "--"+file.name, path)
		}
	}
	args = append(args, in.args...)
	if len(args) == 0 {
		args = []string{"--config", emptyFile(t, dir)}
	}
	ctx := in.ctx
	if ctx == nil {
		ctx = t.Context()
	}
	var out bytes.Buffer
	err := singer.Serve(ctx, c, args, &out, append([]host.Option{fixture.Quiet, fixture.Each}, in.opts...)...)
	return fixture.Lines(t, out.String()), err
}

func emptyFile(t testing.TB, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "empty.json")
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
	return path
}

// texts returns the messages of the given types in a short form, without times.
func texts(messages []message, types ...string) []string {
	var all []string
	for _, m := range messages {
		if len(types) > 0 && !strings.Contains(strings.Join(types, " "), m.Type) {
			continue
		}
		text := m.Type + " " + m.Stream + " " + string(times.ReplaceAll(m.Record, []byte(`"$1"`)))
		if m.Type == "STATE" {
			text = "STATE"
		}
		all = append(all, strings.TrimSpace(text))
	}
	return all
}

// lastState returns the value of the last STATE message.
func lastState(t testing.TB, messages []message) string {
	t.Helper()
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Type == "STATE" {
			return string(messages[i].Value)
		}
	}
	t.Fatal("no STATE")
	return ""
}

// withKey is the configuration of a fixture.Shop.
const withKey = `{"api_key":"key-0123456789"}`

// rawOutput runs a tap and returns its output, which may be text for people.
func rawOutput(t testing.TB, c connector.Connector, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := singer.Serve(t.Context(), c, args, &out, fixture.Quiet)
	return out.String(), err
}

// file writes a file and returns its path.
func file(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.json")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// records collects the log of a run.
type records struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (r *records) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(b)
}

// String returns the log.
func (r *records) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

// option makes a run log to r.
func (r *records) option() host.Option { return host.LogTo(slog.NewTextHandler(r, nil)) }
