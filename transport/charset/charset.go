// Package charset converts text of other encodings to UTF-8, for sources whose
// files are not UTF-8. It does not depend on net/http.
//
//	r, err := charset.NewReader(file, "windows-1252")
//
// The names are the labels of the WHATWG Encoding Standard, without regard to case and
// with a hyphen or an underscore: utf-8, utf-16le, windows-1250 to windows-1258,
// iso-8859-2 to iso-8859-16, macintosh, koi8-r, shift_jis, euc-jp, gbk, gb18030, big5,
// euc-kr and their aliases. As in that standard, iso-8859-1 and latin1 mean
// windows-1252, and shift_jis, gb2312 and euc-kr include the extensions of Windows. In
// addition, the names that databases and programming languages use are known, such as
// utf8mb4, al32utf8, cp932, sjis, uhc and macroman, and the code pages cp437, cp850, cp852,
// cp855, cp858, cp860, cp862, cp863, cp865, cp037, cp1047 and cp1140.
//
// Text that is declared as us-ascii is read as UTF-8 if it is valid UTF-8, and as
// windows-1252 otherwise. The names binary and none mean the same as no name.
package charset

import (
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
)

// A Reader reads text as UTF-8. [NewReader] returns one.
type Reader struct{ text *bodytext.Reader }

// NewReader returns a reader of r's text as UTF-8. It removes a byte order mark and
// replaces each invalid byte with U+FFFD.
//
// A byte order mark takes precedence over the name, as in the WHATWG Encoding Standard.
// If name is empty, text without a byte order mark is UTF-8, or UTF-16 if its first two
// characters are ASCII in UTF-16. The name utf-16 without a byte order mark means little
// endian, unless the first byte is zero. If text without a byte order mark has a name of
// UTF-16, but its first 64 bytes are valid UTF-8 without a zero, it is UTF-8. A name that is
// not supported is an error.
//
// If the text ends within a character, it is truncated, and Read returns an error that
// wraps [io.ErrUnexpectedEOF] after the last whole character. If other bytes of the text
// are not valid either, its charset is more likely another one, and these bytes are
// replaced like them.
func NewReader(r io.Reader, name string) (*Reader, error) {
	text, err := bodytext.NewReader(r, name)
	if err != nil {
		return nil, err
	}
	return &Reader{text}, nil
}

// Read implements [io.Reader].
func (r *Reader) Read(p []byte) (int, error) { return r.text.Read(p) }

// Replaced returns the number of characters U+FFFD that have replaced invalid bytes so
// far. It may include text that Read has not returned yet.
func (r *Reader) Replaced() int { return r.text.Replaced() }
