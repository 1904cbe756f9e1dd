package jsonvalue

import "hash/maphash"

// A stringCache holds short strings that have been read. The texts of many columns are the
// same in most records, such as a status, and need memory only once.
type stringCache [256]string

// maxCached is the largest number of bytes of a string in a stringCache.
const maxCached = 32

var stringSeed = maphash.MakeSeed()

// get returns a text as a string.
func (c *stringCache) get(text []byte) string {
	if len(text) < 2 || len(text) > maxCached { // a string of one byte takes no memory
		return string(text)
	}
	s := &c[maphash.Bytes(stringSeed, text)%uint64(len(c))]
	if *s != string(text) {
		*s = string(text)
	}
	return *s
}
