package format

import "math"

// growBuffer returns a longer buffer that begins with the text of buf. The length at least
// doubles, up to a little more than a record of limit bytes needs. From 4 MiB on, it
// quadruples, because the memory of every earlier buffer may still be in use.
func growBuffer(buf []byte, limit int64) []byte {
	n := 2 * int64(len(buf))
	if n > 4<<20 {
		n *= 2
	}
	n = max(min(n, min(limit, math.MaxInt64-jsonBufferSize)+jsonBufferSize), int64(len(buf))+jsonBufferSize)
	larger := make([]byte, n)
	copy(larger, buf)
	return larger
}
