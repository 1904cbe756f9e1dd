//go:build unix

package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withUmask sets the umask of this process, which its children inherit. No test that uses
// it may be parallel.
func withUmask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

// modes returns the permissions of the files in a directory.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	found := map[string]fs.FileMode{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		found[entry.Name()] = info.Mode().Perm()
	}
	return found
}

func TestFilesWithRowsAreForThisUserAlone(t *testing.T) {
	withUmask(t, 0)
	b := newBench(t, "")
	files := filepath.Join(b.dir, "files")
	seen, ready := filepath.Join(b.dir, "seen"), filepath.Join(b.dir, "ready")
	// The connector lists the files while the warehouse is open.
	c := newScripted(t, map[string]string{"sync": aRow + "ls -l '" + files + "' >'" + seen + "'; ls -ld '" + files + "' >>'" + seen + "'; umask >'" + ready + "'\n" + aRow})
	for range 2 { // the second keeps a copy
		out, failed := b.penstock("sync", "--", c.path)
		require.False(t, failed, out)
		text, err := os.ReadFile(seen)
		require.NoError(t, err)
		assert.Contains(t, string(text), "warehouse.db-wal")
		assert.Regexp(t, `(?m)^drwx------`, string(text))
		assert.NotRegexp(t, `(?m)^-.{3}[^-]|^-.{6}[^-]`, string(text), "no file is for others")
		umask, err := os.ReadFile(ready)
		require.NoError(t, err)
		assert.Regexp(t, `^0*\n$`, string(umask), "the connector has the user's umask")
	}
	for _, args := range [][]string{{"query"}, {"diff"}, {"summary"}} {
		out, failed := b.penstock(args...)
		require.False(t, failed, out)
	}
	got := modes(t, files)
	for _, name := range []string{"warehouse.db", "previous.db", "state.json", ".lock"} {
		assert.Contains(t, got, name)
	}
	for name, mode := range got {
		assert.Equal(t, fs.FileMode(0o600), mode, name)
	}
	info, err := os.Stat(files)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o700), info.Mode().Perm())
}

func TestFilesThatOthersCouldReadAreTightenedAndNamed(t *testing.T) {
	withUmask(t, 0)
	b := newBench(t, "")
	mine := filepath.Join(b.dir, "mine")
	require.NoError(t, os.Mkdir(mine, 0o755))
	c := newScripted(t, map[string]string{"sync": aRow})
	sync := func() string {
		out, failed := b.penstock("sync", "-files", mine, "--", c.path)
		require.False(t, failed, out)
		return out
	}
	sync()
	sync()
	for name := range modes(t, mine) {
		require.NoError(t, os.Chmod(filepath.Join(mine, name), 0o644))
	}
	out := sync()
	for _, name := range []string{"warehouse.db", "previous.db", "state.json", ".lock"} {
		assert.Contains(t, out, "other users could read "+filepath.Join(mine, name)+", whose mode was 0644; it is now 0600\n")
	}
	for name, mode := range modes(t, mine) {
		assert.Equal(t, fs.FileMode(0o600), mode, name)
	}
	info, err := os.Stat(mine)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o755), info.Mode().Perm(), "the user's directory is unchanged")
	require.NoError(t, os.Chmod(mine, 0o777))
	assert.Contains(t, sync(), "every user can replace the files in the directory "+mine)
}

func TestALinkThatSomebodyElseMayHavePlantedIsNotFollowed(t *testing.T) {
	c := newScripted(t, map[string]string{"sync": aRow})
	for _, name := range []string{"warehouse.db", "warehouse.db-wal", "warehouse.db-shm", "warehouse.db-journal", "previous.db", "state.json", ".lock"} {
		b := newBench(t, "")
		shared, victim := filepath.Join(b.dir, "shared"), filepath.Join(b.dir, "victim")
		require.NoError(t, os.Mkdir(shared, 0o700))
		require.NoError(t, os.Chmod(shared, 0o777|fs.ModeSticky))
		for _, exists := range []bool{true, false} {
			require.NoError(t, os.RemoveAll(victim))
			if exists {
				require.NoError(t, os.WriteFile(victim, nil, 0o600))
				require.NoError(t, os.Chmod(victim, 0o644))
			}
			require.NoError(t, os.RemoveAll(filepath.Join(shared, name)))
			require.NoError(t, os.Symlink(victim, filepath.Join(shared, name)))
			out, failed := b.penstock("sync", "-files", shared, "--", c.path)
			assert.True(t, failed, "%s: %s", name, out)
			assert.Contains(t, out, name+" is in a directory that every user can write to, and it is a symbolic link: remove it, or choose another directory\n")
			if exists {
				info, err := os.Stat(victim)
				require.NoError(t, err)
				assert.Zero(t, info.Size(), name)
				assert.Equal(t, fs.FileMode(0o644), info.Mode().Perm(), name)
			} else {
				assert.NoFileExists(t, victim, name)
			}
		}
	}
}

func TestAConfigurationWithSecretsThatOthersCanReadIsNamed(t *testing.T) {
	b, c := leaking(t, map[string]string{"sync": secrets(`"token":"tok-new-1234567"`) + aRow})
	path := filepath.Join(b.dir, "configuration.json")
	require.NoError(t, os.Chmod(path, 0o644))
	out, failed := b.penstock("sync", "--", c.path)
	require.False(t, failed, out)
	assert.Contains(t, out, "other users can read configuration.json, which holds secrets: its mode is 0644; to prevent it: chmod 600 configuration.json\n")
	assert.Equal(t, fs.FileMode(0o644), modes(t, b.dir)["configuration.json"], "the file keeps its mode")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), "tok-new-1234567")
	require.NoError(t, os.Chmod(path, 0o600))
	out, _ = b.penstock("sync", "--", c.path)
	assert.NotContains(t, out, "other users")
	plain := newBench(t, `{"user":"ordinary text"}`)
	require.NoError(t, os.Chmod(filepath.Join(plain.dir, "configuration.json"), 0o644))
	out, _ = plain.penstock("sync", "--", newScripted(t, nil).path)
	assert.NotContains(t, out, "other users")
}
