package state_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/state"
)

func TestMigrationsRunInOrderFromTheVersionOfTheState(t *testing.T) {
	var ran []int
	step := func(n int) state.Migration {
		return func(old map[string]json.RawMessage) error {
			ran = append(ran, n)
			assert.NotContains(t, old, "_version")
			if n == 0 {
				old["orders"] = json.RawMessage("{\n \"cursor\": " + string(old["shop_orders"]) + "}")
				delete(old, "shop_orders")
			}
			return nil
		}
	}
	migrations := []state.Migration{step(0), step(1), step(2)}
	d := parse(t, `{"shop_orders":17}`, migrations...)
	assert.Equal(t, []int{0, 1, 2}, ran)
	assert.Equal(t, 3, d.Snapshot().Version)
	assert.Equal(t, `{"orders":{"cursor":17},"_version":3}`, string(d.Saved()))
	saved := d.Saved()

	ran = nil
	parse(t, string(saved), migrations...)
	assert.Empty(t, ran, "the state is up to date")
	parse(t, `{"orders":{},"_version":2}`, migrations...)
	assert.Equal(t, []int{2}, ran)
	ran = nil
	assert.Equal(t, `{}`, string(parse(t, `{}`, migrations...).Saved()))
	assert.Empty(t, ran, "an empty state needs no migration")
	_, err := state.Parse(saved, migrations[:2]...)
	assert.ErrorContains(t, err, "the state has version 3, but this connector only supports versions up to 2; run the newer connector")
	cause := errors.New("no")
	_, err = state.Parse([]byte(`{"a":{}}`), func(map[string]json.RawMessage) error { return cause })
	assert.ErrorIs(t, err, cause)
	assert.ErrorContains(t, err, "migration from version 0")
	_, err = state.Parse([]byte(`{"a":{}}`), func(old map[string]json.RawMessage) error { old["a"] = json.RawMessage(`[`); return nil })
	assert.ErrorContains(t, err, "table a: it is not valid JSON")
}
