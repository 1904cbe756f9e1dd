package bodytext

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A Reader reads text as UTF-8, without a byte order mark.
type Reader struct {
	r           io.Reader
	replaced    int
	misdeclared bool
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) { return r.r.Read(p) }

// Replaced returns the number of characters U+FFFD that have replaced invalid bytes
// in what has been read so far.
func (r *Reader) Replaced() int { return r.replaced }

// Misdeclared reports whether the text that has been read is UTF-8, although a server has
// declared another charset, from which it was converted.
func (r *Reader) Misdeclared() bool { return r.misdeclared }

// NewReader returns a reader of the text of r in the charset with a name. A byte order mark
// takes precedence over the name. If the text ends within a character, Read returns an
// error that wraps sentinel.ErrCut and io.ErrUnexpectedEOF.
func NewReader(r io.Reader, name string) (*Reader, error) {
	c, enc, err := lookup(name)
	if err != nil {
		return nil, err
	}
	return newReader(r, c, enc, false), nil
}

// NewDeclaredReader is like NewReader for a name that a server has declared. A
// declaration of ISO-8859-1, of windows-1252 or of ASCII, which many servers make for
// every text, gives way if the text turns out to be UTF-8.
func NewDeclaredReader(r io.Reader, name string) (*Reader, error) {
	c, enc, err := lookup(name)
	if err != nil {
		return nil, err
	}
	return newReader(r, c, enc, true), nil
}

func newReader(r io.Reader, c coding, enc encoding.Encoding, declared bool) *Reader {
	buf := bufio.NewReader(r)
	head := peekHead(buf)
	text := &Reader{}
	switch mark := markOf(head); {
	case mark != noMark:
		_, _ = buf.Discard(mark.size())
		c, enc = mark.coding()
		for mark == utf8Mark && markOf(peekHead(buf)) == utf8Mark { // of files that were joined
			_, _ = buf.Discard(mark.size())
		}
	case (c == undeclared || c == utf8Coding) && isHalfOfUTF16(head):
		c, enc = otherCoding, utf16LE // it is truncated, whatever its byte order
	case c == undeclared:
		if order, ok := utf16Order(head); ok {
			c, enc = otherCoding, order
		}
	case c == utf16Coding:
		// RFC 2781 and the WHATWG Encoding Standard disagree about UTF-16 without
		// a byte order mark. Most texts begin with an ASCII character.
		c, enc = otherCoding, utf16LE
		if len(head) >= 2 && head[0] == 0 && head[1] != 0 {
			enc = utf16BE
		}
	}
	if isUTF16(enc) && markOf(head) == noMark && isUTF8(buf) {
		c, enc = utf8Coding, nil
	}
	switch {
	case c == asciiCoding || declared && isLatin1(c, enc):
		text.r = &latin1OrUTF8{text: text, buf: buf}
	case enc != nil:
		text.r = text.converted(buf, enc, declared)
	default:
		text.r = &repairer{text: text, r: buf}
	}
	return text
}

// peekHead returns the beginning of a text, as far as it may have a byte order mark or
// the zeros of UTF-16. It does not wait for more text than that.
func peekHead(buf *bufio.Reader) []byte {
	head, _ := buf.Peek(2) // a later read returns the error
	if len(head) == 2 && (head[0] == 0xef || head[0] == 0 || head[1] == 0) {
		head, _ = buf.Peek(4)
	}
	return head
}

// Decode returns a whole text as UTF-8, and the number of characters U+FFFD that have
// replaced invalid bytes. It treats the name as NewDeclaredReader does if declared is
// true. It returns the text itself if there is nothing to convert. If the result has more
// than limit bytes, the error wraps sentinel.ErrTooLarge: a byte of another charset becomes
// up to three.
func Decode(text []byte, name string, declared bool, limit int64) ([]byte, int, error) {
	c, enc, err := lookup(name)
	if err != nil {
		return nil, 0, err
	}
	if isUTF8 := c == undeclared || c == utf8Coding || c == asciiCoding || declared && isLatin1(c, enc); isUTF8 && utf8.Valid(text) {
		_, is16 := utf16Order(text[:min(4, len(text))])
		if half := isHalfOfUTF16(text) && c != asciiCoding && enc == nil; !half && (c != undeclared || !is16) {
			for markOf(text) == utf8Mark {
				text = text[utf8Mark.size():]
			}
			return text, 0, nil
		}
	}
	// The text as a whole is not UTF-8, so a declaration does not give way.
	if c == asciiCoding && markOf(text) == noMark {
		c, enc = otherCoding, charmap.Windows1252
	}
	limit = min(limit, math.MaxInt64-1) // one more byte is read
	// The text is converted twice, so that the memory for the result is allocated once.
	n, err := io.Copy(io.Discard, io.LimitReader(newReader(bytes.NewReader(text), c, enc, false), limit+1))
	if n > limit {
		return nil, 0, fmt.Errorf("%w: more than %d bytes after its conversion to UTF-8", sentinel.ErrTooLarge, limit)
	}
	if err != nil && !IsTruncated(err) {
		return nil, 0, err
	}
	r := newReader(bytes.NewReader(text), c, enc, false)
	converted := make([]byte, n)
	if _, err := io.ReadFull(r, converted); err != nil {
		return nil, 0, err
	}
	return converted, r.replaced, err
}

var (
	utf16LE = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16BE = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// A byteOrderMark is at the beginning of a text.
type byteOrderMark int

const (
	noMark byteOrderMark = iota
	utf8Mark
	utf16LEMark
	utf16BEMark
)

func markOf(text []byte) byteOrderMark {
	switch {
	case bytes.HasPrefix(text, []byte{0xef, 0xbb, 0xbf}):
		return utf8Mark
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		return utf16LEMark
	case bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return utf16BEMark
	}
	return noMark
}

func (m byteOrderMark) size() int {
	if m == utf8Mark {
		return 3
	}
	return 2
}

func (m byteOrderMark) coding() (coding, encoding.Encoding) {
	switch m {
	case utf16LEMark:
		return otherCoding, utf16LE
	case utf16BEMark:
		return otherCoding, utf16BE
	}
	return utf8Coding, nil
}

// isHalfOfUTF16 reports whether a text is the first byte of UTF-16 alone: of a byte order
// mark, or of an ASCII character in big endian.
func isHalfOfUTF16(text []byte) bool {
	return len(text) == 1 && (text[0] >= 0xfe || text[0] == 0)
}

// isUTF8 reports whether a text that is named UTF-16 is UTF-8: servers declare what their
// programming language uses. In UTF-16, one byte of every character in ASCII is zero, and
// there is one in the beginning of every text that has lines or members.
func isUTF8(r *bufio.Reader) bool {
	const beginning = 64
	head, _ := r.Peek(4)
	if len(head) < 2 || bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	head, _ = r.Peek(beginning)
	return bytes.IndexByte(head, 0) < 0 && utf8.Valid(head[:len(head)-incomplete(head)])
}

// utf16Order recognizes UTF-16 without a byte order mark by its first two characters, if
// they are ASCII. A text may also be truncated after the first one.
func utf16Order(head []byte) (encoding.Encoding, bool) {
	if len(head) < 2 {
		return nil, false
	}
	ascii := func(i int) bool { return i >= len(head) || head[i] != 0 && head[i] < utf8.RuneSelf }
	zero := func(i int) bool { return i >= len(head) || head[i] == 0 }
	switch {
	case ascii(0) && zero(1) && ascii(2) && zero(3):
		return utf16LE, true
	case zero(0) && ascii(1) && zero(2) && ascii(3):
		return utf16BE, true
	}
	return nil, false
}

// converted returns a reader that converts r from an encoding.
func (r *Reader) converted(src io.Reader, enc encoding.Encoding, declared bool) io.Reader {
	if enc == charmap.Windows1252 {
		return transform.NewReader(src, windows1252{})
	}
	c := &converter{Transformer: enc.NewDecoder(), text: r, enc: enc}
	if declared && !isUTF16(enc) {
		c.guess = &utf8Guess{}
	}
	return transform.NewReader(src, c)
}

// A latin1OrUTF8 reads text that is declared as ISO-8859-1. The first part that is not
// ASCII decides whether it is UTF-8 instead.
type latin1OrUTF8 struct {
	text *Reader
	buf  *bufio.Reader
	r    io.Reader // nil until it is decided
}

func (l *latin1OrUTF8) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if l.r != nil {
		return l.r.Read(p)
	}
	if _, err := l.buf.Peek(1); err != nil {
		return 0, err
	}
	head, _ := l.buf.Peek(l.buf.Buffered())
	ascii := 0
	for ascii < len(head) && head[ascii] < utf8.RuneSelf {
		ascii++
	}
	if ascii > 0 {
		n := copy(p, head[:ascii])
		_, _ = l.buf.Discard(n)
		return n, nil
	}
	for n := 2; !utf8.FullRune(head) && n <= utf8.UTFMax; n++ {
		head, _ = l.buf.Peek(n)
	}
	// The rest of the text that has arrived is also checked, up to its last whole character.
	head, _ = l.buf.Peek(l.buf.Buffered())
	for n := len(head); incomplete(head) > 0 && len(head) == n; n++ {
		head, _ = l.buf.Peek(n + 1)
	}
	whole := head[:len(head)-incomplete(head)]
	if atEnd := len(whole) < len(head) && len(head) < l.buf.Size(); utf8.Valid(whole) && !atEnd {
		l.r = &repairer{text: l.text, r: l.buf}
	} else {
		l.r = l.text.converted(l.buf, charmap.Windows1252, false)
	}
	return l.r.Read(p)
}
