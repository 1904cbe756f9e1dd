package schema

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A binaryTexts collects evidence about the texts of a BINARY column. Text that
// consists of hexadecimal digits is also base64 if its length is a multiple of
// four (RFC 4648, section 4), but it encodes other bytes.
//
// Of the 64 characters of base64, 22 are hexadecimal digits. So n characters of
// the base64 of random bytes are all hexadecimal digits with a probability of
// (22/64)^n: 1.4e-2 for n = 4, 2e-4 for 8, 4e-8 for 16 and 1.5e-15 for 32. Real
// bytes are less random. Their most common pattern, zero bytes, is the character
// A in base64, so text that consists mainly of it is not evidence.
type binaryTexts struct {
	isBase64 atomic.Bool // the column had text that is base64 and not hexadecimal

	mu     sync.Mutex
	texts  []string // different texts of hexadecimal digits
	digits int      // the sum of their lengths, less than manyDigits
	rows   int      // that had one of them
}

const (
	// manyDigits is the number of hexadecimal digits above which text is refused
	// whatever else the column has. Shorter texts are refused when different
	// ones have so many digits together and the column had no other text.
	manyDigits = 32
	// loneDigits is the number of digits above which text is refused if the
	// column had no other text before.
	loneDigits = 16
	// suspectDigits is the sum above which texts that were delivered are
	// reported.
	suspectDigits = 8
)

// add records the text of a row. It returns an error if the text appears to be
// hexadecimal. The text is valid base64.
func (b *binaryTexts) add(text []byte) error {
	n := hexLength(text)
	switch {
	case n == 0:
		if len(text) > 0 && !isZeroBytes(text) && !b.isBase64.Load() {
			b.isBase64.Store(true)
		}
		return nil
	case isZeroBytes(text):
		return nil
	case n >= manyDigits:
		return hexadecimal(n)
	case b.isBase64.Load():
		return nil
	case n >= loneDigits:
		return hexadecimal(n)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Contains(b.texts, string(text)) {
		if b.digits+n >= manyDigits {
			return hexadecimal(n)
		}
		b.texts, b.digits = append(b.texts, string(text)), b.digits+n
	}
	b.rows++
	return nil
}

// suspects returns the number of rows with text that was delivered although it
// may be hexadecimal.
func (b *binaryTexts) suspects() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.digits < suspectDigits || b.isBase64.Load() {
		return 0
	}
	return b.rows
}

func hexadecimal(n int) error {
	return misfitBecause("string", fmt.Sprintf("its %d characters are hexadecimal digits, which base64 would turn into other bytes: decode it with hex.DecodeString and emit the []byte", n))
}

// hexLength returns the number of hexadecimal digits in text that consists of
// them, and optionally begins with "0x". It returns 0 for other text.
func hexLength[T string | []byte](text T) int {
	start := 0
	if len(text) > 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		start = 2
	}
	for i := start; i < len(text); i++ {
		if c := text[i] | 0x20; !isDigit(text[i]) && (c < 'a' || c > 'f') {
			return 0
		}
	}
	return len(text) - start
}

// isZeroBytes reports whether base64 text is mainly the character A, which
// stands for zero bits.
func isZeroBytes(text []byte) bool {
	n := 0
	for _, c := range text {
		if c == 'A' {
			n++
		}
	}
	return 2*n >= len(text)
}
