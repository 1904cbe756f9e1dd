package packaging_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

// Strings that a reader of YAML may take for something else.
var hardTexts = []string{
	"", " ", " x ", "yes", "no", "on", "null", "~", "true", "1", "0x1f", "1_000", "12:30:45", "1e3", ".inf", "2024-01-02", "=", "<<",
	"a: b", "a #b", "- a", "? a", "&a", "*a", "!a", "%a", "@a", "`a", "{a", "[a", "|", ">", "'", `"`, `\`, `\n`, "a\nb", "a\n", "\n\n", "a\r\nb", "\t",
	"---", "...", "😀", "\u0085", "\u2028", "\ufeff", "\ufffd", "\u00a0", "\x00", "\x1b[0m", "\x7f", "\U0010ffff", "{{ .Name }}", "$HOME",
}

func TestYAMLKeepsEveryText(t *testing.T) {
	t.Parallel()
	for _, text := range hardTexts {
		checkText(t, text)
	}
}

func FuzzYAMLKeepsEveryText(f *testing.F) {
	for _, text := range hardTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) { // as JSON is
			checkText(t, text)
		}
	})
}

func checkText(t *testing.T, text string) {
	t.Helper()
	document, err := packaging.Quoted(text)
	require.NoError(t, err, "%q", text)
	var got map[string]any
	require.NoError(t, yaml.Load(document, &got), "%q", text)
	assert.Equal(t, map[string]any{"text": text}, got)
}
