package state_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/state"
)

func TestPartsStoreValues(t *testing.T) {
	d := state.New()
	part := d.Table("t")
	type page struct{ Number int }
	require.NoError(t, part.Set("page", page{7}))
	require.NoError(t, part.Set("gone", true))
	require.NoError(t, part.Set("null", nil))
	part.Delete("gone")
	part.Delete("never was")
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{"t":{"null":null,"page":{"Number":7}}}`, string(d.Saved()))
	var p page
	found, err := next(t, d).Table("t").Get("page", &p)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, page{7}, p)
	found, err = part.Get("gone", &p)
	require.NoError(t, err)
	assert.False(t, found)
	var n int64
	state.NewCursor[int64](d, "t", state.Sorted()).Advance(5)
	found, err = part.Get("cursor", &n)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, int64(5), n)
	part.Delete("page")
	assert.Contains(t, string(d.Saved()), "page", "a deleted key stays saved until the next checkpoint")
}

func TestADeletedKeyStaysDeletedAfterACursorUsedIt(t *testing.T) {
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
		t.Run(c.name, func(t *testing.T) {
			st := state.New()
			c.use(st)
			st.Table("t").Delete(c.key)
			if err := st.Finish("t"); err == nil {
				assert.NotContains(t, string(st.Saved()), `"`+c.key+`"`, "the deleted key is saved again")
			}
		})
	}
}

func TestSetRejectsWhatParseWouldReject(t *testing.T) {
	d := state.New()
	for want, set := range map[string]func() error{
		"has a duplicate name":    func() error { return d.Table("t").Set("a", json.RawMessage(`{"x":1,"x":2}`)) },
		"not UTF-8":               func() error { return d.Table("t").Set("a", json.RawMessage("\"\xff\"")) },
		"key is not valid UTF-8":  func() error { return d.Table("t").Set("\xff", 1) },
		"unsupported type":        func() error { return d.Table("t").Set("a", func() {}) },
		"partitions of the table": func() error { state.NewPartitions[int64](d, "t", 2); return d.Table("t").Set("partitions", 1) },
	} {
		assert.ErrorContains(t, set(), want)
	}
	require.NoError(t, d.Checkpoint())
	assert.Equal(t, `{}`, string(d.Saved()))
}
