package platforms_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A files is the directory of the files that a platform gives to the program.
type files string

func (f files) write(t *testing.T, name string, content any) (path string) {
	t.Helper()
	text, err := json.Marshal(content)
	require.NoError(t, err)
	path = filepath.Join(string(f), name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// link links a program to another name.
func (f files) link(t *testing.T, program, name string) (path string) {
	t.Helper()
	path = filepath.Join(string(f), name)
	require.NoError(t, os.Symlink(program, path))
	return path
}
