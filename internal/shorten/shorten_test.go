package shorten_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

func TestTextsAreBoundedAndValid(t *testing.T) {
	for name, tt := range map[string]struct {
		text              string
		limit             int
		short, quote, one string
	}{
		"empty":                      {"", 4, "", `""`, ""},
		"as long as the limit":       {"abcd", 4, "abcd", `"abcd"`, "abcd"},
		"longer":                     {"abcde", 4, "abcd…", `"abcd"…`, "abcd…"},
		"a character at the limit":   {"abc€", 4, "abc…", `"abc"…`, "abc…"},
		"a character before it":      {"a€bc", 4, "a€…", `"a€"…`, "a€…"},
		"a character longer than it": {"€", 2, "…", `""…`, "…"},
		"four bytes":                 {"ab😀", 5, "ab…", `"ab"…`, "ab…"},
		"invalid bytes":              {"a\xff\xfeb", 4, "a\uFFFDb", `"a�b"`, "a b"},
		"continuation bytes only":    {strings.Repeat("\x80", 9), 8, "\uFFFD…", `"�"…`, "…"},
		"an invalid end":             {"ab\xe2\x82", 9, "ab\uFFFD", `"ab�"`, "ab"},
		"control characters":         {" a\r\n\t\x00b\x1b[0m ", 20, " a\r\n\t\x00b\x1b[0m ", `" a\r\n\t\x00b\x1b[0m "`, "a b [0m"},
		"spaces at the cut":          {"a   b", 3, "a  …", `"a  "…`, "a…"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, tt.short, shorten.Text(tt.text, tt.limit))
			assert.Equal(t, tt.quote, shorten.Quote(tt.text, tt.limit))
			assert.Equal(t, tt.one, shorten.Line(tt.text, tt.limit))
			assert.Equal(t, tt.short, shorten.Text([]byte(tt.text), tt.limit))
		})
	}
}

func FuzzText(f *testing.F) {
	f.Add("", 0)
	f.Add("a€😀\xff\x80\x80\x80\x80", 6)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(0, min(limit, len(text)+1))
		short := shorten.Text(text, limit)
		assert.True(t, utf8.ValidString(short))
		if utf8.ValidString(text) {
			start, cut := strings.CutSuffix(short, "…")
			if len(text) <= limit {
				start, cut = short, false
			}
			assert.True(t, strings.HasPrefix(text, start))
			assert.LessOrEqual(t, len(start), limit)
			assert.Equal(t, len(text) > limit, cut)
			if cut {
				assert.Greater(t, len(start), limit-utf8.UTFMax, "no whole character is lost")
			}
		}
		for _, r := range shorten.Line(text, limit) {
			assert.GreaterOrEqual(t, r, ' ', "a line has no control characters")
		}
	})
}
