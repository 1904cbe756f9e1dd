package main_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
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
	mod, err := os.ReadFile(filepath.Join(b.dir, "mine", "go.mod"))
	require.NoError(t, err)
	const module = "github.com/penstock-sdk/penstock"
	for _, line := range []string{module + " => " + sdk, module + "/connector/cmd/penstock => " + filepath.Join(sdk, "connector", "cmd", "penstock")} {
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
