package transport

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

// toUTF8 returns r's text as UTF-8, without a byte order mark and with the
// replacement character for each broken one.
func toUTF8(r io.Reader, charset string) (io.Reader, error) {
	buf := bufio.NewReader(r)
	var enc encoding.Encoding
	switch strings.ToLower(strings.ReplaceAll(charset, "_", "-")) {
	case "":
		mark, _ := buf.Peek(2)
		if bytes.Equal(mark, []byte{0xff, 0xfe}) || bytes.Equal(mark, []byte{0xfe, 0xff}) {
			enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
		} else {
			enc = unicode.UTF8BOM
		}
	case "utf-8", "utf8", "us-ascii", "ascii":
		enc = unicode.UTF8BOM
	case "utf-16", "utf16":
		enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-16le":
		enc = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be":
		enc = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case "iso-8859-1", "latin1", "latin-1":
		enc = charmap.ISO8859_1
	case "iso-8859-15":
		enc = charmap.ISO8859_15
	case "windows-1250", "cp1250":
		enc = charmap.Windows1250
	case "windows-1251", "cp1251":
		enc = charmap.Windows1251
	case "windows-1252", "cp1252":
		enc = charmap.Windows1252
	default:
		return nil, fmt.Errorf("unknown charset %q", charset)
	}
	return transform.NewReader(buf, enc.NewDecoder()), nil
}

// skipLines leaves out the first n lines.
func skipLines(r io.Reader, n int) (io.Reader, error) {
	buf := bufio.NewReader(r)
	for range n {
		for {
			_, err := buf.ReadSlice('\n')
			if err == nil {
				break
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err == io.EOF {
				return buf, nil
			}
			return nil, err
		}
	}
	return buf, nil
}
