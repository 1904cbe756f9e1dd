package bodytext

import "bytes"

// compressions are the kinds of compressed files, by their first bytes.
var compressions = []struct{ magic, name string }{
	{"\x1f\x8b", "gzip"},
	{"PK\x03\x04", "zip"},
	{"PK\x05\x06", "zip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ\x00", "xz"},
}

// HeadBytes is the number of bytes that Compression examines.
const HeadBytes = 10

// Compression returns the kind of the compressed file that begins with head, such as
// "gzip", or "" if it is not one. None of these beginnings is text.
func Compression(head []byte) string {
	for _, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c.name
		}
	}
	// The first block of a bzip2 file begins with the digits of pi.
	if len(head) >= HeadBytes && bytes.HasPrefix(head, []byte("BZh")) && string(head[4:10]) == "\x31\x41\x59\x26\x53\x59" {
		return "bzip2"
	}
	return ""
}
