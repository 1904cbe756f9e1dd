package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWatchIgnoresSecretsThatItHasStoredItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }
	write(`{"token":"1"}`)
	r := &run{configurationPath: path, configured: []byte(`{"token":"1"}`)}
	_, err := r.storePath([]string{"token"}, "2")
	require.NoError(t, err)
	assert.False(t, r.isSource(path), "this program has written the file")
	write(`{"token":"2","more":"x"}`)
	assert.True(t, r.isSource(path), "the user has edited the file")
	_, err = r.storePath([]string{"token"}, "3")
	require.NoError(t, err)
	assert.True(t, r.isSource(path), "the user's edit has not been read by a sync")
}

func TestAnUnstoredSecretIsSentUntilTheFieldHasAnotherValue(t *testing.T) {
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

func TestAValueThatLooksLikeAVariableIsNotStored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "configuration.json")
	_, err := (&run{configurationPath: path}).storePath([]string{"token"}, "a${b}")
	require.ErrorContains(t, err, "would be read back as an environment variable")
	assert.NotContains(t, err.Error(), "a${b}")
	assert.NoFileExists(t, path)
}
