package host_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

func TestAScopeOfNoTablesSavesNothing(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		return errors.Join(st.Table("a").Set("n", 1), out.Scope().Checkpoint(), errors.New("the source is gone"))
	}}
	last, err := lastStateOf(t, c)
	require.ErrorContains(t, err, "the source is gone")
	assert.Equal(t, `{}`, last)
}

func TestAScopeMadeInATableFuncEndsWithIt(t *testing.T) {
	c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		var scoped connector.Emitter
		err := out.SyncTables(func(out connector.Emitter) error {
			scoped = out.Scope()
			return nil
		}, "a")
		assert.ErrorIs(t, scoped.Upsert("a", id(10)), connector.ErrClosed)
		cursor.Advance(10)
		return err
	}}
	last, err := lastStateOf(t, c)
	require.ErrorContains(t, err, "returned while a goroutine was still delivering")
	assert.Equal(t, `{}`, last)
}
