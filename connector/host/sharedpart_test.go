package host_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestTheSharedPartReportsWhetherTheConnectorUsesIt(t *testing.T) {
	for _, uses := range []bool{false, true} {
		c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
			if uses {
				var token string
				if _, err := st.Shared().Get("token", &token); err != nil {
					return err
				}
			}
			return out.Checkpoint()
		}}
		var seen []bool
		require.NoError(t, fixture.Sync(t, c, host.SyncRequest{}, func(op *host.Operation) error {
			for _, part := range op.Parts() {
				if part.Table == nil {
					seen = append(seen, part.Used)
				} else {
					assert.False(t, part.Used)
				}
			}
			return nil
		}))
		assert.Equal(t, []bool{uses}, seen[:1])
	}
}
