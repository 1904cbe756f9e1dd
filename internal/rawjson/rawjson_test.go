package rawjson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

func TestMembersKeepTheirOrderAndTheirSpelling(t *testing.T) {
	const object = `{"b":1.50,"a":{"x":[ ]},"c":"\u0041"}`
	members, err := rawjson.Members([]byte(object))
	require.NoError(t, err)
	assert.Equal(t, object, string(rawjson.Object(members)))
}

func TestMembersRefusesWhatIsNotOneObject(t *testing.T) {
	for _, text := range []string{``, `null`, `[]`, `{`, `{"a":1,"a":2}`, `{"a"}`} {
		_, err := rawjson.Members([]byte(text))
		assert.Error(t, err, "%s", text)
	}
}

func TestStringsAreAlwaysValidJSON(t *testing.T) {
	for _, text := range []string{"", "a\"b\\\n", "\xff\x00", "\u2028é😀"} {
		assert.True(t, rawjson.Value(rawjson.AppendString(nil, text)).IsValid(), "%q", text)
	}
	assert.Equal(t, `["a","b"]`, string(rawjson.AppendStrings(nil, []string{"a", "b"})))
	assert.Equal(t, `[]`, string(rawjson.AppendStrings(nil, nil)))
}
