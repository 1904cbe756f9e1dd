package visible_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/visible"
)

func TestCharactersThatATerminalObeysAreEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"plain \\x1b text":            "plain \\x1b text",
		"\x1b]0;title\a":              `\x1b]0;title\x07`,
		"10%\r20%\b\x7f\x00":          `10%\r20%\x08\x7f\x00`,
		"\u009b31m":                   `\u009b31m`,
		"\x9b31m \xe2\x80":            `\x9b31m \xe2\x80`,
		"a\u202eb\u2066c\u200e\u061c": `a\u202eb\u2066c\u200e\u061c`,
		"a\u200db\u200b\ufeff\u00ad":  `a\u200db\u200b\ufeff\u00ad`,
		"a\u2028b\u2029":              `a\u2028b\u2029`,
		"\U000e0041\U000e0000":        `\U000e0041\U000e0000`,
		"\u3164\u034f":                `\u3164\u034f`,
		"❤\ufe0f e\u0301 東京 \ufffd":   "❤\ufe0f e\u0301 東京 \ufffd",
		"tab\tand\nline":              "tab\tand\nline",
	} {
		assert.Equal(t, want, visible.Text(text))
		assert.Equal(t, strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(want), visible.Line(text))
	}
}

func TestLinesAreIndented(t *testing.T) {
	assert.Equal(t, "a\n  b\\x1b\n  c", visible.Indent("a\nb\x1b\nc\n\n", "  "))
	assert.Equal(t, "a", visible.Indent("a", "  "))
}

func TestJSONKeepsItsValues(t *testing.T) {
	const value = "\u202e\u009b\x7f\U000e0041 東京\x1b\n"
	text, err := json.Marshal(map[string]string{value: value})
	require.NoError(t, err)
	escaped := visible.JSON(string(text))
	assert.JSONEq(t, string(text), escaped)
	assert.Equal(t, escaped, visible.Text(escaped), "nothing unsafe remains")
	assert.Equal(t, `"\ufffd"`, visible.JSON("\"\x9b\""))
}

func FuzzText(f *testing.F) {
	f.Add("a\u202e\x9b\r\n\t\U000e0041")
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range []string{visible.Text(text), visible.Line(text)} {
			require.True(t, utf8.ValidString(one))
			for _, r := range one {
				if r != '\n' && r != '\t' {
					require.False(t, unicode.IsControl(r) || unicode.Is(unicode.Cf, r), "%U", r)
				}
			}
			require.Equal(t, one, visible.Text(one))
		}
		require.NotContains(t, visible.Line(text), "\n")
	})
}
