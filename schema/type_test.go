package schema_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

func TestTypesRoundTripAsText(t *testing.T) {
	for typ := schema.TypeBoolean; typ <= schema.TypeJSON; typ++ {
		text, err := typ.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, typ.String(), string(text))
		var back schema.Type
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, typ, back)
	}
	_, err := schema.Type(0).MarshalText()
	assert.Error(t, err)
	assert.Equal(t, "Type(15)", schema.Type(15).String())
	_, err = schema.ParseType("long")
	assert.ErrorContains(t, err, `"long" is not a column type`)
	var typ schema.Type
	assert.Error(t, json.Unmarshal([]byte(`"TEXT"`), &typ))
}
