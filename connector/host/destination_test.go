package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestADestinationThatFailedIsNotWrittenToAgain(t *testing.T) {
	full := errors.New("disk full")
	for name, fail := range map[string]func() error{
		"error": func() error { return full },
		"panic": func() error { panic(full) },
	} {
		for _, next := range []error{nil, host.ErrEnough, errors.New("still full")} {
			failed := false
			got := recordSync(t, &fixture.Wide{Names: []string{"a", "b"}, OnSync: oneTable}, func(op *host.Operation) error {
				switch {
				case failed:
					return next
				case op.Kind == host.OpUpsert:
					failed = true
					return fail()
				}
				return nil
			}, fixture.Each)
			require.ErrorContains(t, got.err, "disk full", name)
			assert.Equal(t, []string{"table begin a", `upsert a{"id":1}`}, got.operations, name)
		}
	}
}

func TestAPanicOfTheDestinationNamesTheDestination(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		return out.Upsert("a", id(1))
	}}
	for _, kind := range []host.OperationKind{host.OpUpsert, host.OpCheckpoint, host.OpTableEnd} {
		err := fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			if op.Kind == kind {
				panic("nil pointer")
			}
			return nil
		})
		require.ErrorContains(t, err, "panic in the destination: nil pointer")
	}
}
