package host_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

func TestACloneSharesNoBytesWithTheOperation(t *testing.T) {
	newOperation := func() *host.Operation {
		return &host.Operation{
			Kind:    host.OpUpsert,
			Table:   &schema.Table{Name: "orders"},
			Row:     []byte(`{"id":1}`),
			State:   []byte(`{"orders":{"cursor":1}}`),
			Message: "careful",
			Err:     &connector.Error{Kind: connector.Transient},
			Field:   "refresh_token",
			Value:   "new",
		}
	}
	op := newOperation()
	clone := op.Clone()
	want := newOperation()
	want.Table, want.Err = op.Table, op.Err
	assert.Equal(t, want, clone)
	spoil := func(b []byte) { copy(b, bytes.Repeat([]byte{'#'}, len(b))) }
	spoil(op.Row)
	spoil(op.State)
	*op = host.Operation{}
	assert.Equal(t, want, clone)
	assert.Same(t, want.Table, clone.Table)
	assert.Same(t, want.Err, clone.Err)
}

func TestACloneOfAnOperationWithoutBytesHasNone(t *testing.T) {
	clone := (&host.Operation{Kind: host.OpTruncate}).Clone()
	assert.Nil(t, clone.Row)
	assert.Nil(t, clone.State)
	assert.Nil(t, clone.Parts())
}

func TestClonesDoNotChangeDuringASync(t *testing.T) {
	var kept []*host.Operation
	err := fixture.Sync(t, &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[int64](st, "a", state.Sorted())
		for id := int64(1); id <= 3; id++ {
			require.NoError(t, out.Upsert("a", map[string]any{"id": id}))
			cursor.Advance(id)
			require.NoError(t, out.Checkpoint())
		}
		return nil
	}}, host.SyncRequest{}, func(op *host.Operation) error {
		if op.Kind == host.OpUpsert || op.Kind == host.OpCheckpoint {
			kept = append(kept, op.Clone())
		}
		return nil
	}, fixture.Each)
	require.NoError(t, err)
	var got []string
	for _, op := range kept[:6] {
		got = append(got, string(op.Row)+string(op.State))
	}
	assert.Equal(t, []string{`{"id":1}`, `{"a":{"cursor":1}}`, `{"id":2}`, `{"a":{"cursor":2}}`, `{"id":3}`, `{"a":{"cursor":3}}`}, got)
	parts := kept[3].Parts()
	require.Len(t, parts, 1)
	assert.Equal(t, host.StatePart{Table: kept[2].Table, State: []byte(`{"a":{"cursor":2}}`), Selected: true, Changed: true}, parts[0])
}

func TestTheBufferOfAHugeRowIsNotReused(t *testing.T) {
	const huge = 20 << 20
	var largest int
	seen := false
	err := fixture.Sync(t, &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, _ state.State, out connector.Emitter) error {
		require.NoError(t, out.Upsert("a", map[string]any{"id": 0, "text": strings.Repeat("x", huge)}))
		for id := 1; id <= 1000; id++ {
			require.NoError(t, out.Upsert("a", map[string]any{"id": id}))
		}
		return nil
	}}, host.SyncRequest{}, func(op *host.Operation) error {
		switch {
		case op.Kind != host.OpUpsert:
		case len(op.Row) > huge:
			seen = true
		default:
			largest = max(largest, cap(op.Row))
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, seen)
	assert.LessOrEqual(t, largest, 16<<20)
}
