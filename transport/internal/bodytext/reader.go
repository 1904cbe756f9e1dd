package bodytext

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// A Reader reads text as UTF-8, without a byte order mark.
type Reader struct {
	r        io.Reader
	replaced int
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) { return r.r.Read(p) }

// Replaced returns the number of characters U+FFFD that have replaced invalid bytes
// in what has been read so far.
func (r *Reader) Replaced() int { return r.replaced }

// NewReader returns a reader of the text of r in the charset with a name. A byte order mark
// takes precedence over the name.
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
	case c == undeclared && len(head) == 4:
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
	switch {
	case c == asciiCoding || declared && isLatin1(c, enc):
		text.r = &latin1OrUTF8{text: text, buf: buf}
	case enc != nil:
		text.r = text.converted(buf, enc)
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
// true. It returns the text itself if there is nothing to convert.
func Decode(text []byte, name string, declared bool) ([]byte, int, error) {
	c, enc, err := lookup(name)
	if err != nil {
		return nil, 0, err
	}
	if isUTF8 := c == undeclared || c == utf8Coding || c == asciiCoding || declared && isLatin1(c, enc); isUTF8 && utf8.Valid(text) {
		if _, is16 := utf16Order(text[:min(4, len(text))]); c != undeclared || !is16 {
			return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), 0, nil
		}
	}
	// The text as a whole is not UTF-8, so a declaration does not give way.
	r := newReader(bytes.NewReader(text), c, enc, false)
	if c == asciiCoding && markOf(text) == noMark {
		r = newReader(bytes.NewReader(text), otherCoding, charmap.Windows1252, false)
	}
	converted, err := io.ReadAll(r)
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

// utf16Order recognizes UTF-16 without a byte order mark by its first two characters,
// if they are ASCII.
func utf16Order(head []byte) (encoding.Encoding, bool) {
	isASCII := func(b byte) bool { return b != 0 && b < utf8.RuneSelf }
	switch {
	case len(head) < 4:
	case isASCII(head[0]) && head[1] == 0 && isASCII(head[2]) && head[3] == 0:
		return utf16LE, true
	case head[0] == 0 && isASCII(head[1]) && head[2] == 0 && isASCII(head[3]):
		return utf16BE, true
	}
	return nil, false
}

// converted returns a reader that converts r from an encoding.
func (r *Reader) converted(src io.Reader, enc encoding.Encoding) io.Reader {
	if enc == charmap.Windows1252 {
		return transform.NewReader(src, windows1252{})
	}
	return transform.NewReader(src, &counter{enc.NewDecoder(), r})
}

// A counter counts the characters U+FFFD that a decoder writes. A decoder writes whole
// characters.
type counter struct {
	transform.Transformer
	text *Reader
}

func (c *counter) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = c.Transformer.Transform(dst, src, atEOF)
	c.text.replaced += bytes.Count(dst[:nDst], []byte("\uFFFD"))
	return nDst, nSrc, err
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
		l.r = l.text.converted(l.buf, charmap.Windows1252)
	}
	return l.r.Read(p)
}
