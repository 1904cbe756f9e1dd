package connector_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

// The user of the platform is warned of nulls that become 0, once for each field.
func TestANullThatBecomesZeroIsAWarningOfTheSync(t *testing.T) {
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"id":1,"qty":null,"note":null},{"id":2,"qty":null},{"id":3,"qty":4}]`)
	}))
	defer source.Close()
	type part struct {
		ID   int64   `json:"id"`
		Qty  int64   `json:"qty"`
		Note *string `json:"note"`
	}
	c := &fixture.Wide{Names: []string{"parts"}, OnSync: func(ctx context.Context, _ state.State, out connector.Emitter) error {
		client, err := transport.New(source.URL, transport.WithLogger(connector.Logger(ctx)))
		if err != nil {
			return err
		}
		defer client.Close()
		for record, err := range transport.Records[part](ctx, client, transport.Request{}, nil) {
			if err != nil {
				return err
			}
			if err := out.Upsert("parts", map[string]any{"id": record.ID, "qty": record.Qty}); err != nil {
				return err
			}
		}
		return nil
	}}
	run := host.New(t.Context(), c, host.LogTo(slog.DiscardHandler))
	defer func() { assert.NoError(t, run.Close()) }()
	var messages []string
	require.NoError(t, run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpWarning {
			messages = append(messages, op.Message)
		}
		return nil
	})))
	assert.Equal(t, []string{"null at qty of a record is decoded as 0, because the Go type of connector_test.part.Qty, int64, cannot hold it: use *int64 to keep nulls (2 times)"}, messages)
}
