package format_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// zipped returns a zip archive of files, given by their names and texts in turn.
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

// archive has two CSV files.
var archive = zipped("readme.txt", "x", "dir/", "", "dir/a.csv", "id,name\n1,a\n2,b\n", "b.csv", "id,name\n3,c\n")

func TestZipReadsTheMatchingFilesOneAfterTheOther(t *testing.T) {
	all := format.Zip{Format: format.CSV{}, Name: "*.csv"}
	got, err := decodeBytes[transporttest.Item](archive, all)
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
	for range format.Decode[transporttest.Item](bytes.NewReader(archive), all) {
		break
	}
}

func TestTheErrorOfAZipArchiveNamesItsCause(t *testing.T) {
	for _, c := range []struct {
		zip  format.Zip
		data []byte
		want string
	}{
		{format.Zip{Format: format.CSV{}, Name: "*.xml"}, archive, "no file matches"},
		{format.Zip{Format: format.CSV{}, MaxBytes: 10}, archive, "larger than allowed"},
		{format.Zip{Format: format.CSV{}, Name: "["}, archive, "pattern"},
		{format.Zip{Format: format.CSV{}}, archive[:len(archive)-30], "open the archive"},
		{format.Zip{}, archive, "Format is required"},
		{format.Zip{Format: format.JSON{}, Name: "b.csv"}, archive, "b.csv: "},
	} {
		_, err := decodeBytes[transporttest.Item](c.data, c.zip)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestTheSizeOfAZipArchiveMayBeUnlimited(t *testing.T) {
	got, err := decodeBytes[transporttest.Item](archive, format.Zip{Format: format.CSV{}, Name: "*.csv", MaxBytes: math.MaxInt64})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(3), transporttest.IDs(got))
}
