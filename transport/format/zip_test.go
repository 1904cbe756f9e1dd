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
		{format.Zip{Format: format.CSV{}}, archive[:len(archive)-30], "truncated"},
		{format.Zip{Format: format.CSV{}}, nil, "truncated: it is empty"},
		{format.Zip{Format: format.CSV{}}, []byte("<html>not found"), `begins with "<html>not found"`},
		{format.Zip{Format: format.CSV{}}, changed(archive, 1, 0), "encrypted"},
		{format.Zip{Format: format.CSV{}}, changed(archive, 0, 9), "method 9"},
		{format.Zip{Format: format.CSV{}, Name: "*.CSV"}, archive, `["readme.txt" "dir/a.csv" "b.csv"]`},
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

// changed returns an archive whose files have other flags and another method, if that is
// not 0, in its directory.
func changed(archive []byte, flags, method byte) []byte {
	archive = bytes.Clone(archive)
	for rest := archive; ; {
		i := bytes.Index(rest, []byte("PK\x01\x02"))
		if i < 0 {
			return archive
		}
		rest = rest[i:]
		rest[8] |= flags
		if method != 0 {
			rest[10] = method
		}
		rest = rest[4:]
	}
}

func TestTheFilesThatDesktopsAddToArchivesAreSkipped(t *testing.T) {
	data := zipped("__MACOSX/._a.csv", "\x00\x05\x16\x07", "._a.csv", "\x00", "x/.DS_Store", "\x00", "Thumbs.db", "\xd0", "x/desktop.ini", "[x]", "x/", "",
		"a.csv", "id,name\n1,a\n", `x\b.csv`, "name,id\nb,2\n", "x/__MACOSX/b.csv", "\x00")
	got, err := decodeBytes[transporttest.Item](data, format.Zip{Format: format.CSV{}})
	require.NoError(t, err)
	assert.Equal(t, []transporttest.Item{{ID: 1, Name: "a"}, {ID: 2, Name: "b"}}, got)
	got, err = decodeBytes[transporttest.Item](data, format.Zip{Format: format.CSV{}, Name: "b.csv"})
	require.NoError(t, err)
	assert.Equal(t, []transporttest.Item{{ID: 2, Name: "b"}}, got)
	_, err = decodeBytes[transporttest.Item](zipped("__MACOSX/._a.csv", "x"), format.Zip{Format: format.CSV{}})
	assert.ErrorIs(t, err, format.ErrNoRecords)
}

func TestTheNamesOfFilesInAnArchiveMayBeInCodePage437(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "\x9abersicht.csv", NonUTF8: true, Method: zip.Deflate})
	require.NoError(t, err)
	_, _ = io.WriteString(f, "id,name\n1,a\n")
	require.NoError(t, w.Close())
	got, err := decodeBytes[transporttest.Item](b.Bytes(), format.Zip{Format: format.CSV{}, Name: "Übersicht.csv"})
	require.NoError(t, err)
	assert.Len(t, got, 1)
}

func TestAnArchiveInAnArchiveIsRead(t *testing.T) {
	data := zipped("2024.zip", string(zipped("a.csv", "id,name\n1,a\n")), "2025.zip", string(zipped("a.csv", "id,name\n2,b\n")))
	got, err := decodeBytes[transporttest.Item](data, format.Zip{Name: "*.zip", Format: format.Zip{Format: format.CSV{}}})
	require.NoError(t, err)
	assert.Equal(t, transporttest.UpTo(2), transporttest.IDs(got))
}

func TestAnExcelWorkbookIsAnErrorThatSaysSo(t *testing.T) {
	workbook := zipped("[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>", "xl/worksheets/sheet1.xml", "<worksheet><row>1</row></worksheet>")
	_, err := decodeBytes[any](workbook, format.Zip{Format: format.CSV{}})
	assert.ErrorContains(t, err, "an Excel workbook")
	got, err := decodeBytes[any](workbook, format.Zip{Name: "sheet1.xml", Format: format.XML{At: "worksheet.row"}})
	require.NoError(t, err)
	assert.Equal(t, []any{"1"}, got)
}

func TestAnArchiveThatIsTruncatedAnywhereIsTruncated(t *testing.T) {
	for end := range archive {
		_, err := decodeBytes[transporttest.Item](archive[:end], format.Zip{Format: format.CSV{}, Name: "*.csv"})
		assert.ErrorIs(t, err, format.ErrCut, end)
	}
}
