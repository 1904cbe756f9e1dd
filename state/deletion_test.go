package state_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/state"
)

func TestADeletedKeyStaysDeletedThoughACursorUsedIt(t *testing.T) {
	knownfault.Run(t, []string{"partitions", "cursor", "cursor with a key"}, func(t *knownfault.T) {
		for _, c := range []struct {
			name, key string
			use       func(st *state.Document)
		}{
			{"partitions", "partitions", func(st *state.Document) {
				state.NewPartitions[int64](st, "t", 10, state.Sorted()).Cursor("1").Advance(5)
			}},
			{"cursor", "cursor", func(st *state.Document) { state.NewCursor[int64](st, "t").Advance(7) }},
			{"cursor with a key", "snapshot", func(st *state.Document) {
				state.NewCursor[int64](st, "t", state.Key("snapshot")).Advance(7)
			}},
			{"value", "value", func(st *state.Document) { require.NoError(t, st.Table("t").Set("value", 1)) }},
		} {
			t.Run(c.name, func(t *knownfault.T) {
				st := state.New()
				c.use(st)
				st.Table("t").Delete(c.key)
				if err := st.Finish("t"); err == nil {
					assert.NotContains(t, string(st.Saved()), `"`+c.key+`"`, "what was deleted is saved again")
				}
			})
		}
	})
}
