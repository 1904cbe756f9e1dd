package host_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

func TestReadObjectTakesOneJSONObject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	_, err := host.ReadObject(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, err, connector.Configuration)
	require.NoError(t, os.WriteFile(path, []byte("\uFEFF {\"key\":1}\r\n"), 0o600))
	object, err := host.ReadObject(path)
	require.NoError(t, err)
	assert.Equal(t, `{"key":1}`, string(object))
	for _, wrong := range []string{"", "secret", `["secret"]`, `{"a":"secret"} {}`, `{"a":"secret","a":1}`} {
		require.NoError(t, os.WriteFile(path, []byte(wrong), 0o600))
		_, err := host.ReadObject(path)
		require.ErrorIs(t, err, connector.Configuration, wrong)
		assert.ErrorContains(t, err, "config.json: it is not a JSON object")
		assert.NotContains(t, err.Error(), "secret")
	}
}
