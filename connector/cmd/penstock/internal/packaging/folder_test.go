package packaging_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

var twoFiles = packaging.Folder{"a.txt": {Content: []byte("new")}, "bin/x": {Content: []byte("program"), Executable: true}}

// files returns the content of all files below a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return found
}

func TestAFolderIsWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	require.NoError(t, packaging.CheckTarget(dir, false))
	require.NoError(t, twoFiles.Write(dir, false))
	assert.Equal(t, map[string]string{"a.txt": "new", "bin/x": "program"}, files(t, filepath.Dir(dir)+"/folder"))
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "a temporary directory is left")
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{dir: 0o755, dir + "/a.txt": 0o644, dir + "/bin/x": 0o755} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, want, info.Mode().Perm(), path)
	}
}

func TestAnExistingDirectoryIsKeptUnlessForced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	old := map[string]string{"a.txt": "old", "mine/b.txt": "mine"}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "mine"), 0o755))
	for name, content := range old {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	err := twoFiles.Write(dir, false)
	assert.EqualError(t, err, dir+" already exists; to replace the files that this command writes, use -force")
	assert.Equal(t, old, files(t, dir))
	require.NoError(t, twoFiles.Write(dir, true))
	assert.Equal(t, map[string]string{"a.txt": "new", "bin/x": "program", "mine/b.txt": "mine"}, files(t, dir))
	require.NoError(t, twoFiles.Write(dir, true), "again")

	err = twoFiles.Write(filepath.Join(dir, "a.txt"), true)
	assert.EqualError(t, err, filepath.Join(dir, "a.txt")+" is not a directory")
}

func TestADirectoryInTheWayOfAFileKeepsAllFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte("old"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "bin", "x", "mine"), 0o755))
	assert.EqualError(t, twoFiles.Write(dir, true), filepath.Join(dir, "bin", "x")+" is a directory; remove it, or choose another directory with -o")
	assert.Equal(t, map[string]string{"a.txt": "old"}, files(t, dir))

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "bin")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bin"), []byte("mine"), 0o600))
	assert.EqualError(t, twoFiles.Write(dir, true), filepath.Join(dir, "bin")+" is not a directory; remove it, or choose another directory with -o")
	assert.Equal(t, map[string]string{"a.txt": "old", "bin": "mine"}, files(t, dir))
}

func TestAFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "folder")
	broken := packaging.Folder{"a": {}, "a/b": {}} // a is a file and a directory
	assert.Error(t, broken.Write(dir, false))
	assert.NoDirExists(t, dir)
	assert.Empty(t, files(t, filepath.Dir(dir)))
}

func TestFilesThatARunDidNotWriteAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	strays, err := twoFiles.Strays(dir, "bin")
	require.NoError(t, err)
	assert.Empty(t, strays)
	require.NoError(t, packaging.Folder{"bin/old": {}, "bin/x": {}, "other": {}}.Write(dir, true))
	strays, err = twoFiles.Strays(dir, "bin")
	require.NoError(t, err)
	assert.Equal(t, []string{"bin/old"}, strays)
}
