package format_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestGzipReadsTheFormatOfACompressedFile(t *testing.T) {
	file := transporttest.Gzipped("id,name\n1,a\n2,b\n")
	got, err := decodeBytes[transporttest.Item](file, format.Gzip(format.CSV{}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}

func TestAGzipFileThatIsTruncatedOrBrokenIsAnError(t *testing.T) {
	file := transporttest.Gzipped("id,name\n1,a\n2,b\n")
	for _, truncated := range [][]byte{bytes.Clone(file[:len(file)-9]), nil} {
		_, err := decodeBytes[transporttest.Item](truncated, format.Gzip(format.CSV{}))
		assert.ErrorIs(t, err, format.ErrCut)
	}
	_, err := decodeString[transporttest.Item]("\x1f\x8bnot gzip at all", format.Gzip(format.CSV{}))
	assert.ErrorContains(t, err, "gzip")
}

func TestGzipReadsFilesAsTheyOccur(t *testing.T) {
	const text = "id,name\n1,a\n2,b\n"
	file := transporttest.Gzipped(text)
	twice := transporttest.Gzipped(string(file))
	two := append(transporttest.Gzipped("id,name\n1,a\n"), transporttest.Gzipped("2,b\n")...)
	padded := append(append(transporttest.Gzipped("id,name\n1,a\n"), 0, 0, 0), transporttest.Gzipped("2,b\n")...)
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"one member", file},
		{"two members", two},
		{"padding between members", padded},
		{"zeros at the end", append(bytes.Clone(file), make([]byte, 10_000)...)},
		{"a line break at the end", append(bytes.Clone(file), "\r\n"...)},
		{"compressed twice", twice},
		{"not compressed", []byte(text)},
		{"not compressed, byte order mark", []byte("\xef\xbb\xbf" + text)},
		{"empty member", append(bytes.Clone(file), transporttest.Gzipped("")...)},
	} {
		got, err := decodeBytes[transporttest.Item](c.data, format.Gzip(format.CSV{}))
		require.NoError(t, err, c.name)
		assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got), c.name)
	}
	got, err := decodeBytes[transporttest.Item](zipped("a.csv.gz", string(file)), format.Zip{Format: format.Gzip(format.CSV{})})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}

func TestBytesAfterAGzipFileAreAnError(t *testing.T) {
	file := transporttest.Gzipped("id,name\n1,a\n2,b\n")
	_, err := decodeBytes[transporttest.Item](append(bytes.Clone(file), "3,c\n"...), format.Gzip(format.CSV{}))
	assert.ErrorContains(t, err, "neither gzip nor padding")
	for range 10 {
		file = transporttest.Gzipped(string(file))
	}
	_, err = decodeBytes[transporttest.Item](file, format.Gzip(format.CSV{}))
	assert.ErrorContains(t, err, "compressed more than 8 times")
}

func TestACompressedFileOfAnotherFormatIsAnErrorThatNamesTheFix(t *testing.T) {
	for _, f := range []format.Format{format.JSON{}, format.NDJSON{}, format.CSV{}, format.XML{At: "a.b"}, format.Zip{Format: format.CSV{}}} {
		_, err := decodeBytes[map[string]any](transporttest.Gzipped("[]"), f)
		assert.ErrorContains(t, err, "format.Gzip", "%T", f)
		if _, ok := f.(format.Zip); !ok {
			_, err = decodeBytes[map[string]any](archive, f)
			assert.ErrorContains(t, err, "format.Zip", "%T", f)
			_, err = decodeBytes[map[string]any](archive, format.Gzip(f))
			assert.ErrorContains(t, err, "format.Zip", "%T", f)
		}
		_, err = decodeString[map[string]any]("BZh91AY&SY", f)
		assert.ErrorContains(t, err, "bzip2", "%T", f)
	}
}
