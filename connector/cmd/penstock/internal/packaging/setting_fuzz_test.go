package packaging_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

// FuzzSettings checks that every spec yields an error or valid YAML.
func FuzzSettings(f *testing.F) {
	for _, spec := range []string{
		`{}`, `true`, `[]`, `{"properties":{"a":true,"b":{"oneOf":[{"type":"null"},{"type":"string","enum":["x",null]}]}}}`,
		`{"required":["a"],"properties":{"a":{"title":"A","description":"x: y\n","type":"object","properties":{"b.c":{"default":{"d.e":[1,"$X",{"f.g":null}]}}}}}}`,
		`{"properties":{"a":{"type":"string","enum":["a","$B"],"default":"$B"},"n":{"type":"number","default":-1.5e10},"s":{"writeOnly":true,"default":1}}}`,
	} {
		f.Add(spec)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		m := packaging.Meltano{Program: &packaging.Program{ImportPath: "example.com/shop"}, Name: packaging.Name{Display: "shop", ID: "shop"}}
		folder, err := m.Texts([]byte(spec), nil)
		if err != nil || !utf8.ValidString(spec) {
			return
		}
		var document map[string]any
		require.NoError(t, yaml.Load(folder["meltano.yml"].Content, &document))
	})
}
