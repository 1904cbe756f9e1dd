package packaging_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/packaging"
)

// script returns a program that runs shell code.
func script(t *testing.T, code string) *packaging.Binary {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no POSIX shell")
	}
	path := filepath.Join(t.TempDir(), "script")
	// A process that another test forks while the file is open for writing would hold it
	// open for a moment, and the system does not run such a file ("text file busy").
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+code+"\n"), 0o700)) //nolint:gosec // it is a program
	return &packaging.Binary{Path: path, ImportPath: "example.com/shop"}
}

func TestAProgramMustServeAirbyte(t *testing.T) {
	t.Parallel()
	const hint = "; its main function must call penstock.Main of an SDK that serves Airbyte"
	const start = `example.com/shop does not serve Airbyte: started with the arguments "airbyte spec": `
	for code, want := range map[string]string{
		`test "$*" = "airbyte spec" && echo '{"type":"LOG"}' && echo '{"type":"SPEC","spec":{"connectionSpecification":{}}}'`: "",
		`echo hello`:                       start + `it printed "hello\n", which contains no SPEC message` + hint,
		`echo '{"type":"SPEC","spec":{}}'`: start + `it printed "{\"type\":\"SPEC\",\"spec\":{}}\n", which contains no SPEC message` + hint,
		`exit 0`:                           start + `it printed "", which contains no SPEC message` + hint,
		`echo 'shop: unknown command "airbyte"' >&2; echo 'Run shop --help for usage.' >&2; exit 2`:      start + "exit status 2: shop: unknown command \"airbyte\"\nRun shop --help for usage." + hint,
		`echo '{"type":"TRACE","trace":{"error":{"message":"a tag is wrong"}}}'; echo noise >&2; exit 1`: start + "exit status 1: a tag is wrong",
	} {
		err := script(t, code).CheckAirbyte(t.Context())
		if want == "" {
			assert.NoError(t, err, code)
			continue
		}
		assert.EqualError(t, err, want, code)
	}
}

func TestAProgramMustServeSinger(t *testing.T) {
	t.Parallel()
	got, err := script(t, `test "$*" = "singer --about --format json" && echo '{"capabilities":["state"],"settings":{}}'`).Capabilities(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"state"}, got)
	_, err = script(t, `echo '{}'`).Capabilities(t.Context())
	assert.EqualError(t, err, `example.com/shop does not serve Singer: started with the arguments "singer --about --format json": it printed "{}\n", which does not describe a tap; its main function must call penstock.Main of an SDK that serves Singer`)
}

// Clients of Singer read the whole output of discovery as one JSON document.
func TestATapMustNotPrintAnythingElse(t *testing.T) {
	t.Parallel()
	_, err := script(t, `echo welcome; echo '{"capabilities":["state"],"settings":{}}'`).Capabilities(t.Context())
	assert.EqualError(t, err, `example.com/shop does not serve Singer: started with the arguments "singer --about --format json": `+
		`it printed more than the description of the tap: "welcome\n{\"capabilities\":[\"state\"],\"settings\":{}}\n"; a program must not write to standard output before it calls penstock.Main`)
}

func TestAProgramThatFailsIsQuoted(t *testing.T) {
	t.Parallel()
	_, err := script(t, `echo 'no password'; exit 3`).Capabilities(t.Context())
	assert.ErrorContains(t, err, "exit status 3: no password; its main function")
	_, err = script(t, `exit 3`).Capabilities(t.Context())
	assert.ErrorContains(t, err, "exit status 3: it printed nothing; its main function")
}

func TestTheSpecIsReadOverStdin(t *testing.T) {
	t.Parallel()
	spec, err := script(t, `test $# = 0 && cat >&2 && echo '{"type":"SECRETS","secrets":{"a":"b"}}' && echo '{"type":"object"}'`).Spec(t.Context())
	require.NoError(t, err)
	assert.Equal(t, `{"type":"object"}`, string(spec))
	_, err = script(t, `echo '{"type":"LOG","log":{"level":"SEVERE","message":"a tag is wrong"}}'`).Spec(t.Context())
	assert.ErrorContains(t, err, "ask example.com/shop for its configuration: ")
	assert.ErrorContains(t, err, "a tag is wrong")
}

func TestAnInterruptEndsTheProgram(t *testing.T) {
	t.Parallel()
	started := filepath.Join(t.TempDir(), "started")
	b := script(t, `echo yes >'`+started+`' && exec sleep 60`)
	ctx, cancel := context.WithCancelCause(t.Context())
	errInterrupted := errors.New("interrupted")
	done := make(chan error, 1)
	go func() { done <- b.CheckAirbyte(ctx) }()
	require.Eventually(t, func() bool { _, err := os.Stat(started); return err == nil }, time.Minute, time.Millisecond)
	cancel(errInterrupted)
	assert.Equal(t, errInterrupted, <-done)
}
