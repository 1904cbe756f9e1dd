package packaging_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

// A spec comes from a connector. Its texts must not become YAML, lines of .env or commands.
func TestTextsOfASpecAreOnlyTexts(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`^(#.*|TAP_SHOP_[A-Z0-9_]+=|)$`)
	for _, bad := range []string{
		"x\nEVIL=1", "x\r\nEVIL=1", "x\u2028EVIL=1", "x\u0085EVIL=1", "x\x00y", "x\x1b[2J\u202e", `"; rm -rf ~; "`, "$(touch /tmp/x)", "`id`", "${HOME}",
		"a: b", "- a", "#", "'", "!!python/object:x", "&a *a", "{{.Name}}", "\ufeff", strings.Repeat("x", 10_000),
	} {
		text, err := json.Marshal(bad)
		require.NoError(t, err)
		spec := fmt.Sprintf(`{"required":["a",%[1]s],"properties":{"a":{"type":"string","title":%[1]s,"description":%[1]s,"default":%[1]s,"enum":[%[1]s]},%[1]s:{"type":"string"},
			"s":{"type":"string","format":"password","default":%[1]s},"t":{"type":"string","x-rotates":true,"default":%[1]s}}}`, text)
		folder, err := meltanoOf(t, spec)
		require.NoError(t, err, "%.40q", bad)
		e := parseProject(t, folder["meltano.yml"].Content).Plugins.Extractors[0]
		require.Len(t, e.Settings, 4)
		assert.Equal(t, bad, e.Settings[0].Label)
		assert.Equal(t, bad, e.Settings[0].Description)
		assert.Equal(t, strings.ReplaceAll(bad, ".", `\.`), e.Settings[1].Name)
		for _, secret := range e.Settings[2:] {
			assert.True(t, secret.Sensitive)
			assert.Nil(t, secret.Value, "a secret has no default")
		}
		for one := range strings.Lines(string(folder[".env.example"].Content)) {
			assert.Regexp(t, line, strings.TrimSuffix(one, "\n"))
		}
		for _, c := range []string{"\x00", "\x1b", "\r", "\u2028", "\u0085", "\u202e"} {
			assert.NotContains(t, string(folder[".env.example"].Content), c)
		}
	}
}

func TestAShellWordIsOneWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"shop-1.2/@x": "shop-1.2/@x", "-rf": "./-rf", "-r f": "'./-r f'", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(id)": "'$(id)'", "~": "'~'", "a\nb": "'a\nb'", "東京": "東京",
	} {
		assert.Equal(t, want, packaging.ShellWord(text))
		sh, err := exec.LookPath("sh")
		if err != nil || strings.HasPrefix(text, "-") {
			continue
		}
		out, err := exec.CommandContext(t.Context(), sh, "-c", "printf %s "+packaging.ShellWord(text)).Output()
		require.NoError(t, err)
		assert.Equal(t, text, string(out))
	}
}
