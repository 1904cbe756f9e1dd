package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

// grows returns a connector that sets a value of each size in turn, with a
// checkpoint after each.
func grows(sizes ...int) *fixture.Wide {
	return &fixture.Wide{Names: []string{"a", "b"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		if err := errors.Join(st.Table("b").Set("n", 1), st.Shared().Set("seen", strings.Repeat("y", 1<<20))); err != nil {
			return err
		}
		for n, size := range sizes {
			if err := errors.Join(out.Upsert("a", id(int64(n))), st.Table("a").Set("seen", strings.Repeat("x", size)), out.Checkpoint()); err != nil {
				return err
			}
		}
		return nil
	}}
}

// sizes runs a sync and returns the sizes of its states in MiB and its warnings, in
// order.
func sizes(t *testing.T, c connector.Connector, opts ...host.Option) (got []string, err error) {
	t.Helper()
	err = fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
		switch op.Kind {
		case host.OpCheckpoint:
			got = append(got, fmt.Sprint(len(op.State)>>20))
		case host.OpWarning:
			got = append(got, op.Message)
		}
		return nil
	}, opts...)
	return got, err
}

func TestAStateThatNoRequestCanContainIsRefused(t *testing.T) {
	got, err := sizes(t, grows(1<<20, host.MaxState), fixture.Each)
	require.EqualError(t, err, "state: it has 25.0 MiB, and the next sync can receive at most 24.0 MiB; "+
		"the largest parts: table a with 24.0 MiB, the shared part with 1.0 MiB, table b with 0.0 MiB; "+
		"keep fewer partitions (the limit of state.NewPartitions), and save positions instead of lists of what has been read")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Equal(t, []string{"2"}, got, "the last state that a sync can start from remains")

	got, err = sizes(t, grows(host.MaxState)) // only the last checkpoint is due
	require.ErrorContains(t, err, "it has 25.0 MiB")
	assert.Empty(t, got)
}

func TestTheUserIsWarnedOnceWellBeforeAStateIsTooLarge(t *testing.T) {
	got, err := sizes(t, grows(1<<20, host.MaxState/4, host.MaxState/2), fixture.Each)
	require.NoError(t, err)
	require.Len(t, got, 5)
	assert.Equal(t, "the state has grown to 7.0 MiB, and syncs will fail once it exceeds 24.0 MiB; "+
		"the largest parts: table a with 6.0 MiB, the shared part with 1.0 MiB, table b with 0.0 MiB; report this to the author of the connector", got[1])
	assert.Equal(t, []string{"2", "7", "13", "13"}, append(got[:1:1], got[2:]...))
}
