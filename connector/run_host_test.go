package connector_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// syncInto runs one sync and passes its operations to write. The selection is JSON,
// or "" for everything.
func syncInto(ctx context.Context, t testing.TB, c connector.Connector, selection string, log slog.Handler, write func(op *host.Operation) error) error {
	t.Helper()
	var req host.SyncRequest
	if selection != "" {
		req.Selection = selectionOf(t, selection)
	}
	run := host.New(ctx, c, host.LogTo(log))
	return errors.Join(run.Sync(req, host.DestinationFunc(write)), run.Close())
}

// discard ignores an operation.
func discard(*host.Operation) error { return nil }

// answer serves one request of the stdin protocol and returns the response.
func answer(ctx context.Context, c connector.Connector, request string, log slog.Handler) (string, error) {
	var out bytes.Buffer
	err := stdin.Serve(ctx, c, strings.NewReader(request), &out, host.LogTo(log))
	return out.String(), err
}

// selectionOf parses a selection.
func selectionOf(t testing.TB, text string) host.Selection {
	t.Helper()
	selection, err := stdin.ParseSelection([]byte(text))
	require.NoError(t, err)
	return selection
}

// warned reports whether a sync delivered a warning.
func warned(r *connectortest.Result) bool {
	for _, op := range r.Operations {
		if op.Kind == host.OpWarning {
			return true
		}
	}
	return false
}

// scripted is a connector that calls its fields test and sync. A nil field does
// nothing.
type scripted struct {
	Key connector.Secret `json:"key,omitempty"`

	tables []schema.Table
	test   func(ctx context.Context, c *scripted) error
	sync   func(ctx context.Context, c *scripted, st state.State, out connector.Emitter) error
}

func (c *scripted) Schema(context.Context) (schema.Schema, error) {
	return schema.New("s", c.tables...)
}

func (c *scripted) Test(ctx context.Context) error {
	if c.test == nil {
		return nil
	}
	return c.test(ctx, c)
}

func (c *scripted) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	if c.sync == nil {
		return nil
	}
	return c.sync(ctx, c, st, out)
}

// idTable returns a table with the primary key "id" and the given columns.
func idTable(name string, columns ...schema.Column) schema.Table {
	return schema.Table{Name: name, Columns: append([]schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}, columns...)}
}

// memorySource serves requests without a network, so it can be used in virtual time.
type memorySource http.HandlerFunc

func (s memorySource) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

// allocated returns the number of bytes that f allocates.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
