package main_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

// A connector that repeats its secret in every spelling leaves it neither in what the
// tool prints nor in its files.
func TestNoSecretIsInTheOutputOrTheFilesOfTheTool(t *testing.T) {
	for i, k := range secretspelling.Kinds() {
		if !*long && i%24 != 0 {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			prose, data := secretspelling.NewFinder(), secretspelling.NewFinder()
			for _, text := range k.Confidential() {
				prose.Add(k.Name, text)
				if len(text) >= secretspelling.ShortInData {
					data.Add(k.Name, text)
				}
			}
			configuration, err := json.Marshal(map[string]string{"key": k.Value, "other": k.Other})
			require.NoError(t, err)
			b := newBench(t, string(configuration))
			run := func(args ...string) string {
				t.Helper()
				cmd := b.command(args...)
				cmd.Env = append(os.Environ(), fmt.Sprint("PENSTOCK_LEAKY_KIND=", i))
				text, _ := combined(cmd) // a sync of this connector fails
				require.NotEmpty(t, text, args)
				return text
			}
			leaks := 0
			check := func(f *secretspelling.Finder, where, text string) {
				for line := range strings.Lines(text) {
					if found := f.Find(line); found != "" {
						if leaks++; leaks <= 3 {
							t.Errorf("%s: %s: %.300q", where, found, line)
						}
					}
				}
			}
			check(prose, "sync", run("sync", "--", program("leaky")))
			check(prose, "sync -explain", run("sync", "-explain", "--", program("leaky")))
			rows := run("query", "-format", "csv", `SELECT * FROM "shop.orders"`)
			if len(k.Value) >= secretspelling.ShortInData { // the connector puts no shorter one into rows
				require.Greater(t, strings.Count(rows, "the source said"), 20, rows)
			}
			check(data, "query", rows)
			check(prose, "summary", run("summary"))
			require.NoError(t, filepath.WalkDir(filepath.Join(b.dir, "files"), func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() {
					return err
				}
				text, err := os.ReadFile(path)
				check(data, filepath.Base(path), string(text))
				return err
			}))
			assert.Zero(t, leaks)
		})
	}
}
