package bodytext

import (
	"bytes"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// A converter converts text from an encoding. It counts the characters U+FFFD that the
// decoder writes, and refuses text that ends within a character.
type converter struct {
	transform.Transformer
	text  *Reader
	enc   encoding.Encoding
	guess *utf8Guess // of text whose charset a server has declared
}

// Transform implements transform.Transformer.
func (c *converter) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = c.transform(dst, src, atEOF)
	if c.guess != nil {
		c.guess.add(src[:nSrc])
		c.text.misdeclared = c.guess.isUTF8(c.enc, atEOF && nSrc == len(src))
	}
	return nDst, nSrc, err
}

func (c *converter) transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = c.decode(dst, src, false)
	if !atEOF || err != transform.ErrShortSrc {
		return nDst, nSrc, err
	}
	rest := src[nSrc:]
	if c.isTruncated(rest) {
		return nDst, nSrc, &truncatedError{isUTF16: isUTF16(c.enc)}
	}
	if isUTF16(c.enc) {
		rest = rest[:2]
	}
	n, m, err := c.decode(dst[nDst:], rest, true)
	if err == nil && nSrc+m < len(src) {
		err = &truncatedError{isUTF16: true}
	}
	return nDst + n, nSrc + m, err
}

// decode calls the decoder, which writes whole characters.
func (c *converter) decode(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = c.Transformer.Transform(dst, src, atEOF)
	c.text.replaced += bytes.Count(dst[:nDst], []byte("\uFFFD"))
	return nDst, nSrc, err
}

func isUTF16(enc encoding.Encoding) bool { return enc == utf16LE || enc == utf16BE }

// isTruncated reports whether the last bytes of a text, which are not a whole character,
// show that the text is truncated. If other bytes were not valid, they are more likely
// bytes of another charset.
func (c *converter) isTruncated(rest []byte) bool {
	if !isUTF16(c.enc) {
		return c.text.replaced == 0
	}
	if len(rest) < 2 {
		return true
	}
	// A half of a surrogate pair: the second one is not the beginning of a character.
	unit := rune(rest[0])<<8 | rune(rest[1])
	if c.enc == utf16LE {
		unit = rune(rest[1])<<8 | rune(rest[0])
	}
	return utf16.IsSurrogate(unit) && unit < 0xdc00
}
