package bodytext

import (
	"bufio"
	"bytes"
)

// compressions are the kinds of compressed files, by their first bytes.
var compressions = []struct{ magic, name string }{
	{"\x1f\x8b", "gzip"},
	{"PK\x03\x04", "zip"},
	{"PK\x05\x06", "zip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zXZ\x00", "xz"},
	{"BZh91AY&SY", "bzip2"}, // at the usual, highest level
}

// Compression returns the kind of the compressed file that begins with head, such as
// "gzip", or "" if it is not one. None of these beginnings is text.
func Compression(head []byte) string {
	for _, c := range compressions {
		if bytes.HasPrefix(head, []byte(c.magic)) {
			return c.name
		}
	}
	return ""
}

// CompressionOf is like Compression for the text of r, from which it reads nothing. It
// does not wait for more text than it takes to tell, because a source may send one
// record at a time.
func CompressionOf(r *bufio.Reader) string {
	head, _ := r.Peek(2) // a later read returns the error
	for _, c := range compressions {
		if len(head) == 2 && string(head) == c.magic[:2] {
			head, _ = r.Peek(len(c.magic))
			if kind := Compression(head); kind != "" {
				return kind
			}
		}
	}
	return ""
}
