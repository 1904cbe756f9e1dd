package bodytext_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/internal/bodytext"
	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

func TestTheCharsetOfAContentTypeIsFoundHoweverItIsWritten(t *testing.T) {
	for header, want := range map[string]string{
		"":                                             "",
		"text/csv":                                     "",
		"text/csv;":                                    "",
		"text/csv; header=present":                     "",
		"text/csv; charset=":                           "",
		"text/csv; charset=utf-8":                      "utf-8",
		"text/csv;charset=UTF-8":                       "UTF-8",
		"Text/CSV; CHARSET=latin1":                     "latin1",
		`text/csv; charset="iso-8859-1"`:               "iso-8859-1",
		"text/csv; charset='iso-8859-1'":               "iso-8859-1",
		"text/csv; charset = iso-8859-1 ":              "iso-8859-1",
		"text/csv; charset=utf-8; charset=b":           "utf-8",
		"text/csv; charset=utf-8, text/csv; charset=b": "utf-8",
		"text/csv; charset=utf-8 header=present":       "utf-8",
		"charset=gbk":                                  "gbk",
		"utf-8":                                        "",
		`text/csv; charset="utf-8`:                     "utf-8",
		`text/csv; charset=" utf-8 "`:                  "utf-8",
		`text/csv; a="x;charset=b"; charset=c`:         "c",
		"application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8": "utf-8",
		"text/csv; a; charset=gbk": "gbk",
	} {
		assert.Equal(t, want, bodytext.OfContentType(header), header)
	}
}

func TestTextThatEndsWithinACharacterIsTruncated(t *testing.T) {
	for _, c := range []struct{ name, text, whole string }{ // the part that is whole
		{"", "caf\xc3", "caf"},
		{"utf-8", "\xe6\x9d\xb1\xe6\x9d", "\u6771"},
		{"utf-8", "\xf0\x9f\x98", ""},
		{"", "\xef\xbb\xbf\xc3", ""},
		{"", "\xef\xbb", ""},
		{"", "\xff", ""},
		{"", "\xfe", ""},
		{"", "\x00", ""},
		{"", "[\x00]", "["},
		{"", "[\x00]\x00\n", "[]"},
		{"", "\x00[\x00", "["},
		{"", "\xff\xfea", ""},
		{"", "\xff\xfea\x00b", "a"},
		{"", "\xfe\xff\x00a\x00", "a"},
		{"utf-16", "a", ""},
		{"utf-16le", "a\x00\x00\xd8", "a"},        // the first half of a surrogate pair
		{"utf-16le", "a\x00\x00\xd8\x00", "a"},    // and a byte of the second one
		{"utf-16be", "\x00a\xd8\x00\xdc", "a"},    // likewise
		{"utf-16le", "\x00\xdca", "\ufffd"},       // a second half is not a beginning
		{"utf-16le", "\x00\xdca\x00b", "\ufffda"}, // text after invalid text
		{"shift_jis", "a\x93", "a"},
		{"euc-jp", "\xc5\xec\xc5", "\u6771"},
		{"euc-jp", "\x8f\xb0", ""},
		{"gbk", "\xd6\xd0\xd6", "\u4e2d"},
		{"gb18030", "\x81\x30\x81", ""},
		{"big5", "\xa4\xa4\xa4", "\u4e2d"},
		{"euc-kr", "\xc7\xd1\xc7", "\ud55c"},
		{"iso-2022-jp", "a\x1b$BE", "a"},
		{"iso-2022-jp", "a\x1b$", "a"},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
			r, err := bodytext.NewReader(src, c.name)
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			assert.ErrorIs(t, err, sentinel.ErrCut, "%s: %q", c.name, c.text)
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, c.whole, string(got), "%s: %q", c.name, c.text)
			assert.Equal(t, strings.Count(c.whole, "\ufffd"), r.Replaced())
		}
		_, _, err := bodytext.Decode([]byte(c.text), c.name, false, 1<<20)
		assert.ErrorIs(t, err, sentinel.ErrCut, "%s: %q", c.name, c.text)
	}
}

func TestTextInAWrongCharsetIsNotTruncated(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"", "Z\xfcrich caf\xe9", "Z\ufffdrich caf\ufffd"},
		{"utf-8", "\xfcrich\n" + strings.Repeat("a", 9999) + "caf\xe9", "\ufffdrich\n" + strings.Repeat("a", 9999) + "caf\ufffd"},
		{"shift_jis", "\xa0\xfd caf\xe9", "\ufffd\ufffd caf\ufffd"},
		{"utf-16le", "a\x00\x00\xdc", "a\ufffd"},
		{"", "\xfe\xfe", "\ufffd\ufffd"},
		{"latin1", "\xff", "\u00ff"},
		{"latin1", "caf\xc3", "caf\u00c3"},
	} {
		for _, src := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
			r, err := bodytext.NewReader(src, c.name)
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err, "%s: %q", c.name, c.text)
			assert.Equal(t, c.want, string(got))
		}
	}
}

func TestACharacterThatAFailureCutsIsNotReplaced(t *testing.T) {
	for name, text := range map[string]string{"": "caf\xc3", "utf-16le": "c\x00a"} {
		broken := errors.New("broken")
		r, err := bodytext.NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), name)
		require.NoError(t, err)
		_, err = io.ReadAll(r)
		assert.Equal(t, broken, err)
		assert.Zero(t, r.Replaced())
	}
}

func TestTheEncodingOfAnXMLDeclarationIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"<a/>":                                   "",
		"<?xml":                                  "",
		"<?xm><a":                                "",
		`<?xml version="1.0"?><a encoding="x"/>`: "",
		`<?xml version="1.0" encoding="ISO-8859-1"?><a/>`:                     "ISO-8859-1",
		`<?xml version='1.0' encoding = 'gbk' ?><a/>`:                         "gbk",
		"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>":              "utf-8",
		"<?xml version='1.0'\r\nencoding='utf-8'?><a/>":                       "utf-8",
		`<?xml version="1.0" encoding="UTF-16"?><a/>`:                         "", // which this is not
		`<?xml version="1.0" ` + strings.Repeat(" ", 9999) + `encoding="b"?>`: "",
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text))} {
			assert.Equal(t, want, bodytext.OfXML(bufio.NewReader(r)), "%.60q", text)
		}
	}
}

func TestADeclarationOfLatin1GivesWayToUTF8(t *testing.T) {
	for _, name := range []string{"iso-8859-1", "windows-1252", "us-ascii"} {
		for text, want := range map[string]string{
			"caf\u00e9":                        "caf\u00e9",
			"caf\xe9":                          "caf\u00e9",
			"caf\xe9s, na\xefve":               "caf\u00e9s, na\u00efve",
			"\u6771\u4eac and \u20ac":          "\u6771\u4eac and \u20ac",
			"Spa\xdf\xbb, caf\xe9":             "Spa\u00df\u00bb, caf\u00e9", // df bb is also UTF-8
			"plain":                            "plain",
			"\xef\xbb\xbfcaf\u00e9":            "caf\u00e9",
			strings.Repeat("a", 5000) + "\xe9": strings.Repeat("a", 5000) + "\u00e9",
		} {
			whole, replaced, err := bodytext.Decode([]byte(text), name, true, 1<<20)
			require.NoError(t, err)
			assert.Zero(t, replaced)
			assert.Equal(t, want, string(whole), "%s: %q", name, text)
			r, err := bodytext.NewDeclaredReader(strings.NewReader(text), name)
			require.NoError(t, err)
			streamed, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, want, string(streamed), "%s: %q", name, text)
		}
	}
	// Other charsets are used as they are declared.
	got, _, err := bodytext.Decode([]byte("\u00e9"), "windows-1251", true, 1<<20)
	require.NoError(t, err)
	assert.Equal(t, "\u0413\u00a9", string(got))
}

// FuzzText reads any text in any charset: as a whole, in one piece and byte by byte. The
// results and errors are equal, and the results are valid UTF-8.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "caf\xe9", "caf\u00e9", "\xff\xfea\x00", "a\x00b\x00", "\xef\xbb\xbfa", "\x93\x8c", "\xe6\x9d", "\xf0\x9f\x98\x80", "\x1b$BEl\x1b(B", "\x00\xd8"} {
		for _, name := range []string{"", "utf-8", "utf-16", "latin1", "us-ascii", "shift_jis", "gb18030", "iso-2022-jp", "x-user-defined", "klingon"} {
			f.Add([]byte(text), name, true)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, name string, declared bool) {
		whole, replaced, err := bodytext.Decode(text, name, declared, 1<<20)
		if err != nil && !bodytext.IsTruncated(err) {
			if bodytext.Check(name) == nil {
				t.Fatal(err)
			}
			return
		}
		truncated := err != nil
		if !utf8.Valid(whole) {
			t.Fatalf("not UTF-8: %q", whole)
		}
		var first []byte
		for i, src := range []io.Reader{bytes.NewReader(text), iotest.DataErrReader(bytes.NewReader(text)), iotest.OneByteReader(bytes.NewReader(text))} {
			r, err := bodytext.NewReader(src, name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil && !bodytext.IsTruncated(err) || !utf8.Valid(got) {
				t.Fatalf("%q, %v", got, err)
			}
			if i == 0 {
				first = got
			}
			if dependsOnArrival(name) {
				continue
			}
			if !bytes.Equal(got, first) {
				t.Fatalf("%q as %q: %q, %q", text, name, got, first)
			}
			if !declared && (!bytes.Equal(got, whole) || truncated != (err != nil) || r.Replaced() != replaced) {
				t.Fatalf("%q as %q: %q, %v, %d replaced, but %q, %v, %d replaced as a whole", text, name, got, err, r.Replaced(), whole, truncated, replaced)
			}
		}
	})
}

// dependsOnArrival reports whether a stream of text with this charset is read as UTF-8 or as
// windows-1252, depending on how much of it arrives at once.
func dependsOnArrival(name string) bool {
	latin1, _, err := bodytext.Decode([]byte("\xe9."), name, false, 1<<20)
	utf, _, _ := bodytext.Decode([]byte("\u00e9"), name, false, 1<<20)
	return err == nil && string(latin1) == "\u00e9." && string(utf) == "\u00e9"
}
