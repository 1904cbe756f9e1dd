package host_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/state"
)

type migrating struct{ fixture.Shop }

func (m *migrating) StateMigrations() []state.Migration {
	return []state.Migration{func(old map[string]json.RawMessage) error {
		old["orders"] = json.RawMessage(`{"cursor":` + string(old["last_id"]) + `}`)
		delete(old, "last_id")
		return nil
	}}
}

func TestAnOlderStateIsMigrated(t *testing.T) {
	m := &migrating{}
	m.OnSync = func(_ context.Context, st state.State, _ connector.Emitter) error {
		assert.EqualValues(t, 7, state.NewCursor[int64](st, "orders").Start())
		return nil
	}
	lines, err := fixture.Answer(t, m, `{"secrets":{"api_key":"k"},"state":{"last_id":7}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"type":"STATE","state":{"orders":{"cursor":7},"_version":1}}`}, lines)
	lines, err = fixture.Answer(t, m, `{"secrets":{"api_key":"k"},"state":{"_version":2}}`)
	require.Error(t, err)
	assert.Contains(t, lines[0], "run the newer connector")
}
