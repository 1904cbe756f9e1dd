package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A readFunc is an empty reader that calls itself when it is read.
type readFunc func()

func (f readFunc) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestAReplacedSecretIsStoredBeforeMoreOutputIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	var stored []byte
	out := io.MultiReader(strings.NewReader(`{"type":"SECRETS","secrets":{"token":"2"}}`+"\n"), readFunc(func() {
		stored, _ = os.ReadFile(path) // a missing file counts as empty
	}))
	b := newBatches(out, &replacer{
		run:       &run{configurationPath: path},
		connector: &connector{secrets: map[string]string{}},
		rotates:   map[string]bool{"token": true},
	})
	for done := range b.read {
		b.done(done)
	}
	require.NoError(t, b.err)
	assert.JSONEq(t, `{"token":"2"}`, string(stored))
}
