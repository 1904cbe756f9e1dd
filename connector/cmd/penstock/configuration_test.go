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

func TestWatchTakesNoStoredSecretForAChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(`{"token":"1"}`)
	r := &run{configurationPath: path, configured: []byte(`{"token":"1"}`)}
	_, err := r.storePath([]string{"token"}, "2")
	require.NoError(t, err)
	assert.False(t, r.isSource(path), "this program has written it")
	write(`{"token":"2","more":"x"}`)
	assert.True(t, r.isSource(path), "someone else has")
	_, err = r.storePath([]string{"token"}, "3")
	require.NoError(t, err)
	assert.True(t, r.isSource(path), "someone else has, and no sync has read that")
}

func TestAnUnstoredSecretIsSentUntilTheEnvironmentsValueIsNotUsedAnyMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"token":"Bearer ${PENSTOCK_TEST_A}${PENSTOCK_TEST_B}"}`), 0o600))
	t.Setenv("PENSTOCK_TEST_A", "1")
	t.Setenv("PENSTOCK_TEST_B", "2")
	r := &run{configurationPath: path}
	variables, err := r.storePath([]string{"token"}, "new")
	require.NoError(t, err)
	assert.Equal(t, "PENSTOCK_TEST_A, PENSTOCK_TEST_B", variables)
	configuration := map[string]string{"token": "Bearer 12"}
	r.current(configuration)
	assert.Equal(t, "new", configuration["token"])
	configuration = map[string]string{"token": "edited"}
	r.current(configuration)
	assert.Equal(t, "edited", configuration["token"])
}

func TestSetMemberChangesNothingElse(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                              `{"t": "new"}`,
		"{\n}\n":                          "{\"t\": \"new\"\n}\n",
		`{"a":"1"}`:                       `{"a":"1","t": "new"}`,
		"{\n  \"a\": \"${A}\"\n}\n":       "{\n  \"a\": \"${A}\",\n  \"t\": \"new\"\n}\n",
		`{ "t" : "old" , "a":"\u0031" }`:  `{ "t" : "new" , "a":"\u0031" }`,
		`{"a":"t","\u0074":"old"}`:        `{"a":"t","\u0074":"new"}`,
		`{"t":"older","a":"1","t":"old"}`: `{"t":"new","a":"1","t":"new"}`,
	} {
		_, changed, err := setMember([]byte(text), "t", "new")
		require.NoError(t, err, text)
		assert.Equal(t, want, string(changed))
	}
	old, _, err := setMember([]byte(`{"t":"a\nb"}`), "t", "new")
	require.NoError(t, err)
	assert.Equal(t, "a\nb", old)
	for _, text := range []string{``, `[]`, `{"t":"hush"`, `{"t":hush}`, `{"t":1}`} {
		_, _, err := setMember([]byte(text), "t", "new")
		require.Error(t, err, text)
		assert.NotContains(t, err.Error(), "hush")
	}
}

func TestAValueThatLooksLikeAVariableIsNotStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	_, err := (&run{configurationPath: path}).storePath([]string{"token"}, "a${b}")
	require.ErrorContains(t, err, "would take for an environment variable")
	assert.NotContains(t, err.Error(), "a${b}")
	assert.NoFileExists(t, path)
}

// A readFunc is a reader of nothing, which calls itself when it is read.
type readFunc func()

func (f readFunc) Read([]byte) (int, error) { f(); return 0, io.EOF }

func TestASecretOfASyncIsStoredBeforeTheConnectorsOutputIsReadOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	var stored []byte
	out := io.MultiReader(strings.NewReader(`{"type":"SECRETS","secrets":{"token":"2"}}`+"\n"), readFunc(func() {
		stored, _ = os.ReadFile(path) // a file that is missing is empty
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
