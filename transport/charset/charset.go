// Package charset converts text of other encodings to UTF-8, for sources whose
// files are not UTF-8. It does not depend on net/http.
//
//	r, err := charset.NewReader(file, "windows-1252")
//
// The names are those of the IANA registry, without regard to case and with a
// hyphen or an underscore: utf-8, us-ascii, utf-16, utf-16le, utf-16be,
// iso-8859-1 (latin1), iso-8859-15, windows-1250 (cp1250), windows-1251
// (cp1251) and windows-1252 (cp1252).
package charset

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// NewReader returns a reader of r's text as UTF-8. It removes a byte order mark
// and replaces each invalid sequence with U+FFFD. If name is empty, the text is
// UTF-16 if it begins with the byte order mark of UTF-16, and UTF-8 otherwise.
// A name that is not supported is an error.
func NewReader(r io.Reader, name string) (io.Reader, error) {
	buf := bufio.NewReader(r)
	enc, err := lookup(name)
	if err != nil {
		return nil, err
	}
	if enc == nil {
		enc = unicode.UTF8BOM
		mark, _ := buf.Peek(2)
		if bytes.Equal(mark, []byte{0xff, 0xfe}) || bytes.Equal(mark, []byte{0xfe, 0xff}) {
			enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
		}
	}
	return transform.NewReader(buf, enc.NewDecoder()), nil
}

// lookup returns the encoding of a name, or nil if the name is empty.
func lookup(name string) (encoding.Encoding, error) {
	switch strings.ToLower(strings.ReplaceAll(name, "_", "-")) {
	case "":
		return nil, nil
	case "utf-8", "utf8", "us-ascii", "ascii":
		return unicode.UTF8BOM, nil
	case "utf-16", "utf16":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), nil
	case "iso-8859-1", "latin1", "latin-1":
		return charmap.ISO8859_1, nil
	case "iso-8859-15":
		return charmap.ISO8859_15, nil
	case "windows-1250", "cp1250":
		return charmap.Windows1250, nil
	case "windows-1251", "cp1251":
		return charmap.Windows1251, nil
	case "windows-1252", "cp1252":
		return charmap.Windows1252, nil
	}
	return nil, fmt.Errorf("unknown charset %q", name)
}
