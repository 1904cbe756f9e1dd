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

func TestReadObjectAcceptsOneJSONObject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	_, err := host.ReadObject(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, err, connector.Configuration)
	require.ErrorContains(t, err, "config.json: no such file or directory; check the name of the file")
	_, err = host.ReadObject(filepath.Dir(path))
	require.ErrorContains(t, err, "; check the name of the file")
	require.NoError(t, os.WriteFile(path, []byte("\n"), 0o600))
	_, err = host.ReadObject(path)
	require.ErrorContains(t, err, "config.json: not valid JSON, because it is empty")
	require.NoError(t, os.WriteFile(path, []byte("\uFEFF {\"key\":1}\r\n"), 0o600))
	object, err := host.ReadObject(path)
	require.NoError(t, err)
	assert.Equal(t, `{"key":1}`, string(object))
	for _, wrong := range []string{"", "secret", `["secret"]`, `{"a":"secret"} {}`, `{"a":"secret","a":1}`} {
		require.NoError(t, os.WriteFile(path, []byte(wrong), 0o600))
		_, err := host.ReadObject(path)
		require.ErrorIs(t, err, connector.Configuration, wrong)
		assert.ErrorContains(t, err, "config.json: not ")
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestReadJSONStoresAValueThatFits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(path, []byte("\uFEFF[{\"n\":1}]"), 0o600))
	var list []struct{ N int }
	require.NoError(t, host.ReadJSON(path, &list))
	assert.Equal(t, 1, list[0].N)
	for wrong, want := range map[string]string{
		`{"n":"secret"}`:   "unexpected structure; want a list",
		`[{"n":"secret"}]`: "unexpected structure; want a list",
		`["secret"`:        "not valid JSON",
	} {
		require.NoError(t, os.WriteFile(path, []byte(wrong), 0o600))
		err := host.ReadJSON(path, &list)
		require.ErrorIs(t, err, connector.Configuration, wrong)
		assert.ErrorContains(t, err, "state.json: "+want)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestReadFileReturnsWhatAPlatformWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	_, err := host.ReadFile(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	for text, want := range map[string]string{
		"":                           "",
		"\uFEFF {\"a\":1,\"a\":2}\n": `{"a":1,"a":2}`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		got, err := host.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	require.NoError(t, os.Truncate(path, 128<<20+1))
	_, err = host.ReadFile(path)
	require.ErrorIs(t, err, connector.Configuration)
	require.ErrorContains(t, err, "state.json: it is larger than 128 MiB")
}
