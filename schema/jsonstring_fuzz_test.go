package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/schema"
)

// quoteByRune returns s as the encoder writes it, one character at a time.
func quoteByRune(s string) (quoted string, replaced bool) {
	var b strings.Builder
	b.WriteByte('"')
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			replaced = true
			b.WriteRune(r)
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	b.WriteByte('"')
	return b.String(), replaced
}

// FuzzText compares text that is written in words with text that is written one
// character at a time, at each position in a word.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", "a", "1234567", "12345678", "123456789abcdef", "\"", "\\\n\r\t\x00\x1f\x7f", "größe", "Съешь же", "いろは\u2028\u2029", "😀😀", "\xff", "\xc3", "a\xe2\x80", "\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80",
		"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15", "\uFFFD\uFEFF\u0080\u07ff\u0800\ud7ff\ue000\uffff",
	} {
		f.Add(seed)
		f.Add(strings.Repeat(seed, 40))
	}
	table := oneOf(schema.TypeString)
	f.Fuzz(func(t *testing.T, s string) {
		for shift := range 9 {
			text := "abcdefgh"[:shift] + s
			want, replaced := quoteByRune(text)
			e := schema.NewEncoder(table, nil)
			for _, dst := range [][]byte{nil, []byte("x"), slices.Grow([]byte("xy"), len(want)), make([]byte, 0, len(text)+30)} {
				before := string(dst)
				got, err := e.Append(dst, row(text), schema.Full)
				require.NoError(t, err)
				require.Equal(t, before+`{"v":`+want+"}", string(got))
			}
			if replaced {
				require.Equal(t, map[string]int{"v": 4}, e.Replaced())
			} else {
				require.Empty(t, e.Replaced())
			}
		}
	})
}
