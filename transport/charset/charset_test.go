package charset_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

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
		{"", "caf\xe9", "caf\ufffd"},
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
	} {
		r, err := charset.NewReader(strings.NewReader(c.text), c.name)
		require.NoError(t, err, c.name)
		got, err := io.ReadAll(r)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, string(got), c.name)
	}
}

func TestAnUnknownCharsetIsAnError(t *testing.T) {
	_, err := charset.NewReader(strings.NewReader(""), "klingon")
	assert.EqualError(t, err, `unknown charset "klingon"`)
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
