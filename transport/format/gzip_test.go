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
