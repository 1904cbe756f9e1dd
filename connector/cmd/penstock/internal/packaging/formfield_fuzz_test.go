package packaging_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzFormFields checks that every spec yields an error or files with the same fields.
func FuzzFormFields(f *testing.F) {
	for _, spec := range []string{
		`{}`, `true`, `[]`, `{"properties":{"a":true,"b":{"oneOf":[{"type":"null"},{"type":"string","enum":["x",null]}]}}}`,
		`{"required":["a"],"properties":{"a":{"title":"A","description":"x: y\n","type":"boolean","default":true}}}`,
		`{"properties":{"a":{"type":"string","enum":["a","\u0000"],"default":"\ud800"},"n":{"type":"number","default":-1.5e10},"s":{"x-rotates":true,"default":1}}}`,
	} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		folder, err := hosted(spec)
		if err != nil {
			return
		}
		var form struct{ Fields []struct{ Name string } }
		require.NoError(t, json.Unmarshal(folder["penstock.json"].Content, &form))
		configuration := map[string]string{}
		require.NoError(t, json.Unmarshal(folder["configuration.json"].Content, &configuration))
		require.Len(t, configuration, len(form.Fields))
		for _, field := range form.Fields {
			require.Contains(t, configuration, field.Name)
		}
	})
}
