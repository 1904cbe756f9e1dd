package connectortest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connectortest"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestTheClockStartsAtTheInstant(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for range 2 {
		connectortest.At(t, noon, func(t *testing.T) {
			t.Helper()
			sync := connectortest.Sync(t, &script{tables: []schema.Table{keyed}, sync: func(_ state.State, out connector.Emitter) error {
				time.Sleep(24 * time.Hour)
				return out.Upsert("keyed", map[string]any{"id": 1, "name": time.Now().UTC().String()})
			}})
			assert.JSONEq(t, `{"id":1,"name":"2026-03-02 12:00:00 +0000 UTC"}`, string(sync.Rows("keyed")[0]))
		})
	}
}
