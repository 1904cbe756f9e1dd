package transporttest

import (
	"bytes"
	"compress/gzip"
	"io"
)

// Gzipped returns a gzip file that contains text.
func Gzipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.Bytes()
}
