package redact

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzScan compares the scans of eight bytes at a time with those of one.
func FuzzScan(f *testing.F) {
	for c := range 256 {
		for at := range 9 {
			text := bytes.Repeat([]byte{'a'}, 17)
			text[at] = byte(c)
			f.Add(text, 0)
		}
	}
	f.Add([]byte("\x80\\%&+\x7f \xff!\x00/Z[]"), 1)
	f.Fuzz(func(t *testing.T, text []byte, from int) {
		if from < 0 || from > len(text) {
			return
		}
		first := func(is func(c byte) bool) int {
			i := from
			for i < len(text) && !is(text[i]) {
				i++
			}
			return i
		}
		assert.Equal(t, first(func(c byte) bool { return c == '\\' || c == '%' || c == '&' }), escapeStart(text, from))
		assert.Equal(t, first(func(c byte) bool { return c <= ' ' || c == '+' || c >= 0x7f }), ordinaryEnd(text, from))
	})
}
