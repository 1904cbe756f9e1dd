package host_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestProgressIsLoggedPerTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		err := fixture.Sync(t, &fixture.Shop{OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
			for id := range int64(100) {
				require.NoError(t, out.Upsert("orders", fixture.NewOrder(id)))
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}}, host.SyncRequest{}, fixture.Discard,
			host.LogTo(slog.NewTextHandler(&log, nil)), host.ProgressEvery(3050*time.Millisecond))
		require.NoError(t, err)
		assert.Contains(t, log.String(), "msg=syncing table=shop.orders rows=31 rows_per_second=10")
		assert.Contains(t, log.String(), `msg="table synced" table=shop.orders upserts=100`)
	})
}
