package atomicfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/atomicfile"
)

func TestWriteCreatesAFileWithTheContentAndTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, atomicfile.Write(path, []byte("new"), 0o666))
	assertFile(t, path, "new", 0o666)
	assertAlone(t, path)
}

func TestWriteReplacesTheContentAndTheMode(t *testing.T) {
	path := existing(t)
	require.NoError(t, atomicfile.Write(path, []byte("new"), 0o600))
	assertFile(t, path, "new", 0o600)
	assertAlone(t, path)
}

func TestWriteFollowsASymbolicLink(t *testing.T) {
	target := existing(t)
	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink(target, link))
	require.NoError(t, atomicfile.Write(link, []byte("new"), 0o640))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSymlink, info.Mode().Type(), "the link is still a link")
	assertFile(t, target, "new", 0o640)
	assertAlone(t, target)
	assertAlone(t, link)
}

func TestWriteReplacesADanglingLink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link.json")
	require.NoError(t, os.Symlink("missing.json", link))
	require.NoError(t, atomicfile.Write(link, []byte("new"), 0o600))
	assertFile(t, link, "new", 0o600)
	assertAlone(t, link)
}

func TestAFailedReadLeavesTheFileUnchanged(t *testing.T) {
	path, broken := existing(t), errors.New("broken")
	err := atomicfile.WriteFrom(path, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 0o600)
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "replace "+path+": ")
	assertFile(t, path, "old", 0o644)
	assertAlone(t, path)
}

func TestAFailedRenameRemovesTheTemporaryFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "inside"), 0o755))
	assert.ErrorContains(t, atomicfile.Write(dir, []byte("new"), 0o600), "replace "+dir+": ")
	assertAlone(t, dir)
}

func TestAMissingDirectoryIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "state.json")
	err := atomicfile.Write(path, []byte("new"), 0o600)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "replace "+path+": ")
}

func TestAReaderNeverSeesAPart(t *testing.T) {
	const size, writes = 1 << 16, 50
	path := existing(t)
	require.NoError(t, atomicfile.Write(path, bytes.Repeat([]byte("0"), size), 0o600))
	var writers sync.WaitGroup
	for _, digit := range []string{"1", "2"} {
		writers.Go(func() {
			for range writes {
				assert.NoError(t, atomicfile.Write(path, bytes.Repeat([]byte(digit), size), 0o600))
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Len(t, content, size)
		require.Equal(t, size, bytes.Count(content, content[:1]), "the content is of one write")
	}
	assertAlone(t, path)
}

func existing(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, os.Chmod(path, 0o644))
	return path
}

func assertFile(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, string(got))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, mode, info.Mode().Perm())
}

// assertAlone checks that no temporary file is left beside path.
func assertAlone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, filepath.Base(path), entries[0].Name())
}

func TestASecretIsWrittenIntoAFileThatCannotBeReplaced(t *testing.T) {
	// The name of a temporary file beside it would be too long.
	path := filepath.Join(t.TempDir(), strings.Repeat("n", 250))
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.Error(t, atomicfile.Write(path, []byte("newer"), 0o600))
	for _, content := range []string{"a long secret", "s"} {
		require.NoError(t, atomicfile.WriteSecret(path, []byte(content), 0o600))
		assertFile(t, path, content, 0o600)
	}
	assertAlone(t, path)
	missing := filepath.Join(t.TempDir(), "missing", "config.json")
	assert.ErrorIs(t, atomicfile.WriteSecret(missing, []byte("x"), 0o600), fs.ErrNotExist)
	replaceable := existing(t)
	require.NoError(t, atomicfile.WriteSecret(replaceable, []byte("new"), 0o600))
	assertFile(t, replaceable, "new", 0o600)
}

func TestALinkThatSomebodyElseMayHavePlantedIsNotFollowed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no directory that every user can write to by its mode")
	}
	for name, write := range map[string]func(string, []byte, fs.FileMode) error{"Write": atomicfile.Write, "WriteSecret": atomicfile.WriteSecret} {
		t.Run(name, func(t *testing.T) {
			victim, dir := existing(t), t.TempDir()
			require.NoError(t, os.Chmod(dir, 0o777|fs.ModeSticky))
			planted, link := filepath.Join(dir, "state.json"), filepath.Join(t.TempDir(), "link.json")
			require.NoError(t, os.Symlink(victim, planted))
			require.NoError(t, os.Symlink(planted, link))
			for _, path := range []string{planted, link} {
				require.ErrorContains(t, write(path, []byte("new"), 0o600), planted+" is a symbolic link in a directory that every user can write to")
				assertFile(t, victim, "old", 0o644)
			}
			assertAlone(t, planted)
			require.NoError(t, os.Remove(planted))
			require.NoError(t, write(planted, []byte("new"), 0o600), "a file there is replaced")
			require.NoError(t, write(planted, []byte("newer"), 0o600))
			assertFile(t, planted, "newer", 0o600)
		})
	}
}

func TestTheTemporaryFileIsForThisUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, atomicfile.WriteFrom(path, readerFunc(func() {
		entries, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, entries, 1)
		info, err := entries[0].Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}), 0o644))
	assertFile(t, path, "", 0o644)
}

// A readerFunc is an empty reader that calls itself.
type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}
