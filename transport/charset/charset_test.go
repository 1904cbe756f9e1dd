package charset_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/charset"
)

func TestTextOfEveryCharsetIsConvertedToUTF8(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"", "caf\u00e9", "caf\u00e9"},
		{"", "\xef\xbb\xbfcaf\u00e9", "caf\u00e9"},
		{"", "\xff\xfea\x00\xe9\x00", "a\u00e9"},
		{"", "\xfe\xff\x00a\x00\xe9", "a\u00e9"},
		{"", "caf\xe9.", "caf\ufffd."},
		{"UTF-8", "caf\u00e9", "caf\u00e9"},
		{"US-ASCII", "cafe", "cafe"},
		{"utf_16", "\xff\xfea\x00", "a"},
		{"UTF-16LE", "a\x00\xe9\x00", "a\u00e9"},
		{"utf-16be", "\x00a\x00\xe9", "a\u00e9"},
		{"latin1", "caf\xe9", "caf\u00e9"},
		{"ISO_8859-15", "\xa4", "\u20ac"},
		{"windows-1250", "\xe8", "\u010d"},
		{"cp1251", "\xff", "\u044f"},
		{"Windows-1252", "\x80", "\u20ac"},
		{"iso-8859-1", "\x80\x81", "\u20ac\u0081"},
		{"us-ascii", "caf\xe9", "caf\u00e9"},
		{"us-ascii", "caf\u00e9", "caf\u00e9"},
		{"utf-8-sig", "\xef\xbb\xbfa", "a"},
		{"UTF_8", "\u00e9", "\u00e9"},
		{"utf8mb4", "\u00e9", "\u00e9"},
		{` "utf-8" `, "\u00e9", "\u00e9"},
		{"binary", "\u00e9", "\u00e9"},
		{"none", "\u00e9", "\u00e9"},
		{"utf-16", "a\x00", "a"},
		{"utf-16", "\x00a", "a"},
		{"utf-16", "\x2f\x26\x61\x00", "\u262fa"},
		{"", "[\x00\"\x00", `["`},
		{"", "\x00[\x00\"", `["`},
		{"", "ab\x00", "ab\x00"},
		{"", "\xff.", "\ufffd."},
		{"", "\xc3.", "\ufffd."},
		{"", "\xe6\x9d\xb1\xe6\x9d.", "\u6771\ufffd\ufffd."},
		{"windows-1252", "\xef\xbb\xbf\u00e9", "\u00e9"}, // a byte order mark counts
		{"utf-8", "\xff\xfe\xe9\x00", "\u00e9"},
		{"macintosh", "\x8e", "\u00e9"},
		{"MacRoman", "\x8e", "\u00e9"},
		{"ISO-8859-2", "\xe8", "\u010d"},
		{"latin2", "\xe8", "\u010d"},
		{"Latin-9", "\xa4", "\u20ac"},
		{"ISO8859_1", "\xe9", "\u00e9"},
		{"koi8-r", "\xc0", "\u044e"},
		{"WIN1251", "\xff", "\u044f"},
		{"shift_jis", "\x93\x8c\x8b\x9e", "\u6771\u4eac"},
		{"Shift-JIS", "\x93\x8c\x8b\x9e", "\u6771\u4eac"},
		{"SJIS", "\x93\x8c\x8b\x9e", "\u6771\u4eac"},
		{"windows-31j", "\x87\x40", "\u2460"},
		{"CP932", "\x87\x40", "\u2460"},
		{"euc-jp", "\xc5\xec", "\u6771"},
		{"iso-2022-jp", "\x1b$BEl\x1b(B", "\u6771"},
		{"gbk", "\xd6\xd0", "\u4e2d"},
		{"GB2312", "\xd6\xd0", "\u4e2d"},
		{"gb18030", "\xd6\xd0", "\u4e2d"},
		{"cp936", "\xd6\xd0", "\u4e2d"},
		{"big5", "\xa4\xa4", "\u4e2d"},
		{"Big5-HKSCS", "\xa4\xa4", "\u4e2d"},
		{"euc-kr", "\xc7\xd1", "\ud55c"},
		{"ks_c_5601-1987", "\xc7\xd1", "\ud55c"},
		{"UHC", "\xc7\xd1", "\ud55c"},
		{"TIS-620", "\xa1", "\u0e01"},
		{"cp850", "\x82", "\u00e9"},
		{"IBM437", "\x82", "\u00e9"},
		{"IBM037", "\xc1", "A"},
		{"Latin-1", "caf\xe9", "caf\u00e9"},
		{"GB-18030", "\xd6\xd0", "\u4e2d"},
		{"Big-5", "\xa4\xa4", "\u4e2d"},
		{"x-windows-949", "\xc7\xd1", "\ud55c"},
		{"x-windows-1252", "\x80", "\u20ac"},
		{"AL32UTF8", "\u00e9", "\u00e9"},
		{"WE8MSWIN1252", "\x80", "\u20ac"},
		{"utf-16", "caf\u00e9", "caf\u00e9"}, // it is UTF-8
		{"utf-16le", "[]", "[]"},
		{"UTF-16BE", strings.Repeat("\u00e9", 99), strings.Repeat("\u00e9", 99)},
		{"utf-16le", "\x2d\x4e\x87\x65", "\u4e2d\u6587"},
		{"utf-16be", strings.Repeat("\x4e\x2d", 9) + "\x00\n", strings.Repeat("\u4e2d", 9) + "\n"},
	} {
		r, err := charset.NewReader(strings.NewReader(c.text), c.name)
		require.NoError(t, err, c.name)
		got, err := io.ReadAll(r)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, string(got), c.name)
	}
}

func TestAnUnknownCharsetIsAnError(t *testing.T) {
	for _, name := range []string{"klingon", "utf-7", "iso-2022-cn", "replacement", "windows-9999"} {
		_, err := charset.NewReader(strings.NewReader(""), name)
		assert.EqualError(t, err, fmt.Sprintf("unknown charset %q", name))
	}
}

func TestTheBytesThatWereReplacedAreCounted(t *testing.T) {
	for _, c := range []struct {
		name, text string
		replaced   int
	}{
		{"", "caf\u00e9", 0},
		{"", "\ufffd", 0}, // sent by the source
		{"", "caf\xe9 Z\xfcrich", 2},
		{"utf-8", "\xff\xff", 2},
		{"gbk", "\xd6\xd0\xff", 1},
		{"shift_jis", "\x93 ", 1},
		{"utf-16le", "a\x00\x00\xdc", 1},
		{"utf-16le", "\x00\xd8a\x00", 1},
	} {
		// One byte at a time, and as a whole.
		for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
			text, err := charset.NewReader(r, c.name)
			require.NoError(t, err)
			got, err := io.ReadAll(iotest.OneByteReader(text))
			require.NoError(t, err)
			assert.Equal(t, c.replaced, text.Replaced(), "%q: %q", c.text, got)
			assert.True(t, utf8.Valid(got))
		}
	}
}

func TestTextThatEndsWithinACharacterIsAnError(t *testing.T) {
	for name, text := range map[string]string{"": "caf\xc3", "utf-16le": "a\x00b", "shift_jis": "\x93"} {
		r, err := charset.NewReader(strings.NewReader(text), name)
		require.NoError(t, err)
		_, err = io.ReadAll(r)
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		assert.Zero(t, r.Replaced(), name)
	}
}

func TestTextIsReadAsItArrives(t *testing.T) {
	for name, first := range map[string]string{
		"": "{}\n", "utf-8": "\u00e9\n", "us-ascii": "\u00e9", "windows-1252": "\xe9\n", "utf-16le": "1\x00\n\x00",
	} {
		in, out := io.Pipe()
		go func() { _, _ = io.WriteString(out, first) }()
		r, err := charset.NewReader(in, name)
		require.NoError(t, err)
		_, err = io.ReadFull(r, make([]byte, 1)) // the pipe stays open
		assert.NoError(t, err, name)
		_ = in.Close()
	}
}

func ExampleNewReader() {
	r, err := charset.NewReader(strings.NewReader("caf\xe9"), "windows-1252")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := io.ReadAll(r)
	fmt.Println(string(text), err)
	// Output: café <nil>
}
