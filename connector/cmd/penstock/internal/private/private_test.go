//go:build unix

package private_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/private"
)

// withUmask sets the umask, which belongs to the process, so no test may be parallel.
func withUmask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

func TestNewFilesAreForThisUserAloneWithAnyUmask(t *testing.T) {
	for _, mask := range []int{0, 0o022, 0o277} {
		withUmask(t, 0)
		root := t.TempDir()
		withUmask(t, mask)
		dir := filepath.Join(root, "files")
		note, err := private.Dir(dir)
		require.NoError(t, err)
		assert.Empty(t, note)
		assert.Equal(t, fs.FileMode(0o700), mode(t, dir))
		note, err = private.File(filepath.Join(dir, "rows"), true)
		require.NoError(t, err)
		assert.Empty(t, note)
		assert.Equal(t, fs.FileMode(0o600), mode(t, filepath.Join(dir, "rows")))
	}
}

func TestAFileThatOthersCanReadIsTightenedAndNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	require.NoError(t, os.WriteFile(path, []byte("kept"), 0o600))
	require.NoError(t, os.Chmod(path, 0o664))
	note, err := private.File(path, true)
	require.NoError(t, err)
	assert.Equal(t, "other users could read "+path+", whose mode was 0664; it is now 0600", note)
	assert.Equal(t, fs.FileMode(0o600), mode(t, path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "kept", string(text))
	note, err = private.File(path, false)
	require.NoError(t, err)
	assert.Empty(t, note)
}

func TestAMissingFileIsCreatedOnlyOnRequest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows")
	_, err := private.File(path, false)
	require.NoError(t, err)
	assert.NoFileExists(t, path)
}

func TestNothingThatSomebodyElseMayHavePlantedIsUsed(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.WriteFile(elsewhere, nil, 0o600))
	require.NoError(t, os.Chmod(elsewhere, 0o644))
	path := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.Symlink(elsewhere, path("link")))
	require.NoError(t, os.Link(elsewhere, path("name")))
	require.NoError(t, syscall.Mkfifo(path("fifo"), 0o600))
	_, err := private.File(path("link"), false)
	require.NoError(t, err, "a link of one's own is followed")
	require.NoError(t, os.Chmod(elsewhere, 0o644))
	require.NoError(t, os.Chmod(dir, 0o777|fs.ModeSticky))
	for name, want := range map[string]string{"link": "it is a symbolic link", "name": "has another name", "fifo": "it is not a regular file"} {
		for _, create := range []bool{false, true} {
			_, err := private.File(path(name), create)
			require.ErrorContains(t, err, path(name)+" is in a directory that every user can write to, and ")
			require.ErrorContains(t, err, want)
		}
	}
	assert.Equal(t, fs.FileMode(0o644), mode(t, elsewhere), "it is unchanged")
	_, err = private.File(path("new"), true)
	require.NoError(t, err)
}

func TestNoDirectoryThatSomebodyElseMayHavePlantedIsUsed(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "files")
	require.NoError(t, os.Symlink(elsewhere, link))
	_, err := private.Dir(link)
	require.NoError(t, err, "a link of one's own is followed")
	require.NoError(t, os.Chmod(dir, 0o777|fs.ModeSticky))
	const want = "is in a directory that every user can write to, and it "
	_, err = private.Dir(link)
	require.ErrorContains(t, err, link+" "+want+"is a symbolic link")
	_, err = private.File(filepath.Join(link, "rows"), true)
	require.ErrorContains(t, err, want+"is a symbolic link")
	require.ErrorContains(t, private.Check(filepath.Join(link, "rows")), want+"is a symbolic link")
	t.Chdir(dir)
	_, err = private.Dir("files")
	require.ErrorContains(t, err, want+"is a symbolic link")
	_, err = private.Dir(".")
	require.NoError(t, err)
	_, err = private.Dir("new")
	require.NoError(t, err)
	if os.Geteuid() != 0 {
		return
	}
	require.NoError(t, os.Chown("new", 65534, 65534))
	_, err = private.Dir("new")
	require.ErrorContains(t, err, want+"belongs to another user")
}

func TestAnExistingDirectoryIsUnchanged(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o755))
	note, err := private.Dir(dir)
	require.NoError(t, err)
	assert.Empty(t, note)
	require.NoError(t, os.Chmod(dir, 0o777))
	note, err = private.Dir(dir)
	require.NoError(t, err)
	assert.Contains(t, note, "every user can replace the files in the directory "+dir)
	assert.Equal(t, fs.FileMode(0o777), mode(t, dir))
}
