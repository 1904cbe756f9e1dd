package format_test

import (
	"archive/zip"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func zipped(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.Create(files[i])
		_, _ = io.WriteString(f, files[i+1])
	}
	_ = w.Close()
	return b.Bytes()
}

func TestDecodeArchives(t *testing.T) {
	gz := transporttest.Gzipped("id,name\n1,a\n2,b\n")
	got, err := transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(gz), format.Gzip(format.CSV{})))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
	_, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(gz[:len(gz)-9]), format.Gzip(format.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(nil), format.Gzip(format.CSV{})))
	assert.ErrorIs(t, err, transport.ErrCut)
	_, err = decodeString[transporttest.Item]("not gzip at all", format.Gzip(format.CSV{}))
	assert.ErrorContains(t, err, "gzip")

	z := zipped("readme.txt", "x", "dir/", "", "dir/a.csv", "id,name\n1,a\n2,b\n", "b.csv", "id,name\n3,c\n")
	got, err = transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(z), format.Zip{Format: format.CSV{}, Name: "*.csv"}))
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	for range format.Decode[transporttest.Item](bytes.NewReader(z), format.Zip{Format: format.CSV{}, Name: "*.csv"}) {
		break
	}
	for _, tt := range []struct {
		zip  format.Zip
		data []byte
		says string
	}{
		{format.Zip{Format: format.CSV{}, Name: "*.xml"}, z, "no file matches"},
		{format.Zip{Format: format.CSV{}, MaxBytes: 10}, z, "larger than allowed"},
		{format.Zip{Format: format.CSV{}, Name: "["}, z, "pattern"},
		{format.Zip{Format: format.CSV{}}, z[:len(z)-30], "open the archive"},
		{format.Zip{}, z, "Format is required"},
		{format.Zip{Format: format.JSON{}, Name: "b.csv"}, z, "b.csv: "},
	} {
		_, err := transporttest.Collect(format.Decode[transporttest.Item](bytes.NewReader(tt.data), tt.zip))
		assert.ErrorContains(t, err, tt.says)
	}
}
