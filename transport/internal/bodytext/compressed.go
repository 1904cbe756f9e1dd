package bodytext

import (
	"bufio"
	"bytes"
)

// A binary is a kind of file that is not text, by its first bytes.
type binary struct {
	magic string
	// kind is the name of a compression, such as "gzip", or describes the file.
	kind string
}

var binaries = []binary{
	{"\x1f\x8b", "gzip"},
	{"\x1f\x9d", "compress"},
	{"PK\x03\x04", "zip"},
	{"PK\x05\x06", "zip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ\x00", "xz"},
	{"\x04\x22\x4d\x18", "lz4"},
	{"7z\xbc\xaf\x27\x1c", "7z"},
	{"Rar!\x1a\x07", "rar"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"},
	{"%PDF-", "pdf"},
	{"PAR1\x15", "parquet"},
	{"Obj\x01", "avro"},
}

// longestMagic is the length of the longest text that Compression looks at, but for tar.
const longestMagic = 10

// Compression returns the kind of the compressed or binary file that begins with head,
// such as "gzip" or "pdf", or "" if it is not one. None of these beginnings is text.
func Compression(head []byte) string {
	for _, b := range binaries {
		if bytes.HasPrefix(head, []byte(b.magic)) {
			return b.kind
		}
	}
	switch {
	case isBzip2(head):
		return "bzip2"
	case isTar(head):
		return "tar"
	}
	return ""
}

// isBzip2 reports whether a text begins like a bzip2 file. The fourth byte is its level.
func isBzip2(head []byte) bool {
	return len(head) >= longestMagic && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9' && string(head[4:longestMagic]) == "1AY&SY"
}

// isTar reports whether a text begins like a tar archive (POSIX.1-2001, pax).
func isTar(head []byte) bool {
	const at = 257
	return len(head) >= at+5 && string(head[at:at+5]) == "ustar" && bytes.IndexByte(head[:at], 0) >= 0
}

// CompressionOf is like Compression for the text of r, from which it reads nothing. It
// does not wait for more text than it takes to tell, because a source may send one
// record at a time.
func CompressionOf(r *bufio.Reader) string {
	// A later read returns the errors.
	head, _ := r.Peek(2)
	if len(head) < 2 {
		return ""
	}
	for _, b := range binaries {
		if string(head) == b.magic[:2] {
			if head, _ = r.Peek(len(b.magic)); string(head) == b.magic {
				return b.kind
			}
			head = head[:2]
		}
	}
	if string(head) == "BZ" {
		if head, _ = r.Peek(longestMagic); isBzip2(head) {
			return "bzip2"
		}
	}
	if head, _ = r.Peek(r.Buffered()); isTar(head) {
		return "tar"
	}
	return ""
}

// DescribeBinary returns a phrase for a kind that Compression returns, such as "a PDF
// document".
func DescribeBinary(kind string) string {
	switch kind {
	case "gzip", "compress", "zstd", "xz", "lz4", "bzip2":
		return "compressed with " + kind
	case "zip":
		return "a zip archive or an Excel workbook"
	case "xls":
		return "an Excel workbook (xls) or another document of Microsoft Office"
	case "pdf":
		return "a PDF document"
	case "parquet":
		return "a Parquet file"
	case "avro":
		return "an Avro file"
	}
	return "a " + kind + " archive"
}
