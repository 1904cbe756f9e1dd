package connector_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// Observatory is a connector. It reads two telescopes at the same time. The second
// one contains a row that the connector does not expect.
type Observatory struct{}

func (*Observatory) Schema(context.Context) (schema.Schema, error) {
	return schema.New("observatory", schema.Table{Name: "stars"})
}

func (*Observatory) Test(context.Context) error { return nil }

func (o *Observatory) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	wait := connector.Go(ctx,
		func(ctx context.Context) error { return o.read(ctx, []string{"Rigel", "Vega"}, out) },
		func(ctx context.Context) error { return o.read(ctx, nil, out) },
	)
	return wait()
}

func (*Observatory) read(_ context.Context, names []string, out connector.Emitter) error {
	if err := out.Upsert("stars", map[string]any{"brightest": names[0]}); err != nil {
		return err
	}
	return nil
}

// A panic in a goroutine of Go is an error of the sync. With a go statement, it
// would end the process.
func ExampleGo() {
	run := host.New(context.Background(), &Observatory{}, host.LogTo(slog.DiscardHandler))
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(func(*host.Operation) error { return nil }))
	fmt.Println(errors.Join(err, run.Close()))
	fmt.Println(connector.KindOf(err))
	// Output:
	// panic in a goroutine: runtime error: index out of range [0] with length 0
	// defect
}
