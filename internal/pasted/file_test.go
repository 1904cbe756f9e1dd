package pasted

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheNameOfAFileIsShownOnlyIfItLooksLikeOne(t *testing.T) {
	dir := t.TempDir()
	existing := filepath.Join(dir, keys[0])
	require.NoError(t, os.WriteFile(existing, nil, 0o600))
	for _, path := range []string{
		"config.json", "conf", "/etc/a1b2c3d4e5f6a7b8/config.json", filepath.Join(dir, "config"), "./c", "~/my config.json", existing, "../x",
	} {
		assert.Equal(t, path, File(path))
	}
	for _, path := range append([]string{
		`{"api_key":"hunter2"}`, "https://user:hunter2@example.com", "a\nb", strings.Repeat("a", 600), "a=b", filepath.Join(dir, keys[1]), keys[0] + "/x",
	}, keys...) {
		assert.Equal(t, "[not shown]", File(path))
		_, err := os.Open(path)
		require.Error(t, err)
		assert.NotContains(t, PathError(err).Error(), path)
	}
	_, err := os.Open(keys[0])
	require.ErrorIs(t, PathError(err), fs.ErrNotExist)
	assert.EqualError(t, PathError(err), "open [not shown]: no such file or directory")
}

func TestAnArgumentIsShownOnlyIfItLooksLikeOne(t *testing.T) {
	for _, text := range []string{"sync", "./c.json", "dance-2"} {
		assert.Equal(t, `"`+text+`"`, Argument(text))
	}
	for _, text := range append([]string{"", `{"a":"hunter2"}`, "https://u:hunter2@example.com", "a=hunter2"}, keys...) {
		assert.Equal(t, "[not shown]", Argument(text))
	}
}
