package patterns_test

import (
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

// TestTheTableIsComplete compares the table in doc.go with the examples that
// there are, file by file and in their order.
func TestTheTableIsComplete(t *testing.T) {
	fset := token.NewFileSet()
	table, err := parser.ParseFile(fset, "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	listed := regexp.MustCompile(`\w+_test\.go|Example_\w+`).FindAllString(table.Doc.Text(), -1)
	files := slices.DeleteFunc(slices.Clone(listed), func(s string) bool { return !strings.HasSuffix(s, ".go") })

	var there []string
	for _, name := range files {
		there = append(there, name)
		for _, example := range examples(t, fset, name) {
			there = append(there, example.Name.Name)
		}
	}
	assert.Equal(t, there, listed)

	all, err := fs.Glob(os.DirFS("."), "*_test.go")
	require.NoError(t, err)
	for _, name := range all {
		if !slices.Contains(files, name) {
			assert.Empty(t, examples(t, fset, name), "%s has examples and is not in doc.go", name)
		}
	}
}

// examples returns a file's examples, after a look at each.
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
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		found = append(found, f)
		lines := fset.Position(f.End()).Line - fset.Position(f.Pos()).Line + 1
		assert.Less(t, lines, 40, "%s is long", f.Name.Name)
		assert.NotEmpty(t, f.Doc.Text(), "%s says nothing about itself", f.Name.Name)
		assert.NotEmpty(t, outputs[f.Name.Name], "%s has no output, so that it isn't run", f.Name.Name)
	}
	return found
}
