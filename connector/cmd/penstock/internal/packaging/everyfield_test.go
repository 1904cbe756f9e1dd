package packaging_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

var (
	// long also compiles for the architectures that this machine does not have:
	//
	//	go test ./connector/cmd/penstock/internal/packaging -long
	long   = flag.Bool("long", false, "compile for all architectures")
	update = flag.Bool("update", false, "write the golden files")
)

const everyField = "./testdata/everyfield"

// find returns the program in a directory.
func find(t *testing.T, dir string) *packaging.Program {
	t.Helper()
	var errOut strings.Builder
	p, err := packaging.Find(t.Context(), dir, &errOut)
	require.NoError(t, err, errOut.String())
	return p
}

// named returns the name of a connector.
func named(t *testing.T, text string) packaging.Name {
	t.Helper()
	n, err := packaging.NewName(text)
	require.NoError(t, err)
	return n
}

var builtOnce struct {
	sync.Mutex
	folder packaging.Folder
}

// meltanoFolder returns the project of the connector that has a field of every kind.
// The tests share it, because it takes time to build.
func meltanoFolder(t *testing.T) packaging.Folder {
	t.Helper()
	builtOnce.Lock()
	defer builtOnce.Unlock()
	if builtOnce.folder == nil {
		var errOut strings.Builder
		m := packaging.Meltano{Program: find(t, everyField), Name: named(t, "Every: \"Field\""), Version: "1.2.3", Platform: packaging.Host()}
		folder, err := m.Folder(t.Context(), &errOut)
		require.NoError(t, err, errOut.String())
		builtOnce.folder = folder
	}
	return builtOnce.folder
}

// golden compares a folder with the files in testdata.
func golden(t *testing.T, dir string, folder packaging.Folder) {
	t.Helper()
	for name, file := range folder {
		// Under its own name, git would obey the file and ignore others of the folder.
		path := filepath.Join("testdata", "golden", dir, strings.Replace(name, ".gitignore", "gitignore", 1))
		if file.Executable {
			continue
		}
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, file.Content, 0o644)) //nolint:gosec // not secret
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(file.Content), "%s; to accept the change: go test -update", path)
	}
}
