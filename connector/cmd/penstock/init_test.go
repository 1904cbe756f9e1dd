package main_test

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// long makes the test of init run the tests of the project, which builds its programs:
//
//	go test ./connector/cmd/penstock -run Init -long
var long = flag.Bool("long", false, "run the tests of a project that init creates, instead of compiling them")

func TestInitCreatesAProjectWithTests(t *testing.T) {
	t.Parallel() // it mostly waits for the go command
	b := newBench(t, "")
	sdk, err := filepath.Abs("../../..")
	require.NoError(t, err)
	out, failed := b.penstock("init", "-sdk", sdk, "-module", "example.com/mine", "mine")
	require.False(t, failed, out)
	args := []string{"vet", "./..."}
	if *long {
		args = []string{"test", "./..."}
	}
	test := exec.CommandContext(t.Context(), "go", args...)
	test.Dir = filepath.Join(b.dir, "mine")
	test.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	text, err := combined(test)
	require.NoError(t, err, text)
	if *long {
		assert.Contains(t, text, "ok  	example.com/mine")
	}
	info, err := os.Stat(filepath.Join(b.dir, "mine", "configuration.json"))
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "it will hold a secret")
	}
	mod, err := os.ReadFile(filepath.Join(b.dir, "mine", "go.mod"))
	require.NoError(t, err)
	const module = "github.com/penstock-sdk/penstock"
	for _, line := range []string{
		module + " => " + sdk,
		module + "/connector/cmd/penstock => " + filepath.Join(sdk, "connector", "cmd", "penstock"),
		module + "/connector/fivetran => " + filepath.Join(sdk, "connector", "fivetran"),
	} {
		assert.Contains(t, string(mod), line)
		assert.Contains(t, out, "    replace "+line+"\n")
	}
	assert.Contains(t, out, "    require "+module+" v0.0.0\n")
	assert.Contains(t, out, "    tool "+module+"/connector/cmd/penstock\n")
	assert.Contains(t, out, "go mod edit -replace=MODULE=DIRECTORY")
	assert.Contains(t, out, "go build -o mine . && go tool penstock sync -- ./mine")
	assert.Contains(t, out, "    go tool penstock package airbyte .\n    go tool penstock package meltano .\n")
	// Without -sdk, init uses the checkout that the program was built in.
	out, failed = b.penstock("init", "other")
	require.False(t, failed, out)
	assert.Contains(t, out, "which is the checkout in "+sdk)
	out, failed = b.penstock("init", "mine")
	assert.True(t, failed)
	assert.Contains(t, out, "mine already exists")
}

// printed returns the commands that follow a line of an output.
func printed(t *testing.T, out, line string) (commands []string) {
	t.Helper()
	_, rest, found := strings.Cut(out, line+"\n\n")
	require.True(t, found, out)
	for command := range strings.Lines(rest) {
		if !strings.HasPrefix(command, "    ") {
			break
		}
		commands = append(commands, strings.TrimSpace(command))
	}
	return commands
}

func TestInitPrintsCommandsThatWorkWithACheckout(t *testing.T) {
	t.Parallel() // it mostly waits for the go command
	b := newBench(t, "")
	sdk, err := filepath.Abs("../../..")
	require.NoError(t, err)
	if strings.Contains(sdk, " ") {
		t.Skip("the test does not parse quotes")
	}
	out, failed := b.penstock("init", "-sdk", sdk, "mine")
	require.False(t, failed, out)
	run := func(module, command string) string {
		t.Helper()
		args := strings.Fields(command)
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = filepath.Join(b.dir, module)
		cmd.Env = append(os.Environ(), "GOWORK=off")
		text, err := combined(cmd)
		require.NoError(t, err, "%s: %s", command, text)
		return text
	}
	fivetran := []byte("package main\n\nimport _ \"github.com/penstock-sdk/penstock/connector/fivetran\"\n")
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "mine", "fivetran.go"), fivetran, 0o600))
	for _, command := range printed(t, out, "They also need:") {
		run("mine", command)
	}
	run("mine", "go list -deps -mod=readonly .")

	require.NoError(t, os.Mkdir(filepath.Join(b.dir, "other"), 0o700))
	run("other", "go mod init example.com/other")
	require.NoError(t, os.WriteFile(filepath.Join(b.dir, "other", "fivetran.go"), fivetran, 0o600))
	for _, command := range printed(t, out, "in another module, run there:") {
		run("other", command)
	}
	run("other", "go list -deps -mod=readonly .")
	assert.Contains(t, run("other", "go tool"), "github.com/penstock-sdk/penstock/connector/cmd/penstock\n")
}
