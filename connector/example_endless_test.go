package connector_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// Harbor is a connector. Its ships are a list, and its messages a log without an
// end.
type Harbor struct{ messages <-chan string }

func (*Harbor) Schema(context.Context) (schema.Schema, error) {
	return schema.New("harbor", schema.Table{Name: "ships"}, schema.Table{Name: "messages"})
}

func (*Harbor) Test(context.Context) error { return nil }

func (h *Harbor) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	tables.Add("ships", h.syncShips)
	tables.AddEndless("messages", h.syncMessages)
	return tables.Sync(ctx, st, out)
}

func (*Harbor) syncShips(_ context.Context, _ state.State, out connector.Emitter) error {
	return out.Upsert("ships", map[string]any{"name": "Argo"})
}

func (h *Harbor) syncMessages(ctx context.Context, st state.State, out connector.Emitter) error {
	for number := 1; ; number++ {
		select {
		case text := <-h.messages:
			if err := out.Upsert("messages", map[string]any{"text": text}); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := st.Table("messages").Set("read", number); err != nil {
			return err
		}
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
}

// The platform ends a sync that does not end by itself, here after three rows. The
// sync succeeds. With the option host.TimeBudget or the flag --time-budget, it ends
// after a time.
func ExampleTables_AddEndless() {
	messages := make(chan string, 2)
	messages <- "all clear"
	messages <- "fog"
	run := host.New(context.Background(), &Harbor{messages}, host.LogTo(slog.DiscardHandler))
	defer run.Close()
	rows, last := 0, ""
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(op *host.Operation) error {
		switch op.Kind {
		case host.OpUpsert:
			if rows++; rows == 3 {
				return host.ErrEnough
			}
		case host.OpCheckpoint:
			last = string(op.State)
		}
		return nil
	}))
	fmt.Println(rows, last, err)
	// Output:
	// 3 {"messages":{"read":2}} <nil>
}
