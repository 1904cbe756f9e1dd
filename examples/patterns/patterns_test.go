package patterns_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // retries are logged
	goleak.VerifyTestMain(m)
}

// TestTheTablesListEveryExampleInOrder compares the tables in doc.go with the examples,
// file by file.
func TestTheTablesListEveryExampleInOrder(t *testing.T) {
	fset := token.NewFileSet()
	table, err := parser.ParseFile(fset, "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	listed := regexp.MustCompile(`\w+_test\.go|Example_\w+`).FindAllString(table.Doc.Text(), -1)
	files := slices.DeleteFunc(slices.Clone(listed), func(s string) bool { return !strings.HasSuffix(s, ".go") })

	var found []string
	for _, name := range files {
		found = append(found, name)
		for _, example := range examples(t, fset, name) {
			found = append(found, example.Name.Name)
		}
	}
	assert.Equal(t, found, listed)

	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), fmt.Sprintf("a catalogue of %d API styles", len(listed)-len(files)))

	all, err := fs.Glob(os.DirFS("."), "*_test.go")
	require.NoError(t, err)
	for _, name := range all {
		if !slices.Contains(files, name) {
			assert.Empty(t, examples(t, fset, name), "%s has examples but is not in doc.go", name)
		}
	}
}

// examples returns the examples of a file. It fails the test if one has no comment or does
// not run, or if it or another function of the file is too long.
func examples(t *testing.T, fset *token.FileSet, name string) []*ast.FuncDecl {
	t.Helper()
	file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
	require.NoError(t, err)
	outputs := map[string]string{}
	for _, example := range doc.Examples(file) {
		outputs["Example"+example.Name] = example.Output
	}
	var found []*ast.FuncDecl
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
		assert.Less(t, lines, 40, "%s is too long", f.Name.Name)
		if !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		found = append(found, f)
		assert.NotEmpty(t, f.Doc.Text(), "%s has no comment", f.Name.Name)
		assert.NotEmpty(t, outputs[f.Name.Name], "%s has no output, so it does not run", f.Name.Name)
	}
	return found
}
