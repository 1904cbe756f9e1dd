package pasted

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTrimRemovesWhatAPasteAddsAtTheEnds(t *testing.T) {
	for _, text := range []string{"k e", "k e\n", "\r\nk e\r\n", " \tk e ", "\ufeffk e", "k e\u200b", "\u00a0k e\u2028"} {
		assert.Equal(t, "k e", Trim(text), "%q", text)
	}
	for text, want := range map[string]string{" a \n": " a ", "\ufeff a\r\n": " a", "\u00a0a\u200b": "\u00a0a", "\ta\t": "a"} {
		assert.Equal(t, want, TrimLineEnds(text), "%q", text)
	}
}

func TestACharacterThatCannotBeSentIsDescribedWithItsPosition(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "", "ab\ncd": "a line break at position 3 of 5", "a\tb": "a tab at position 2 of 3",
		"ä\x00": "a character that is not in ASCII (U+00E4) at position 1 of 2", "a\x00": "a control character (U+0000) at position 2 of 2",
		"ab…": "a character that is not in ASCII (U+2026) at position 3 of 3", "a\u200bb": "an invisible character (U+200B) at position 2 of 3",
		"a\u00a0b": "a space that is not in ASCII (U+00A0) at position 2 of 3", "a\xff": "a byte that is not valid UTF-8 at position 2 of 2",
		"a\ufffd": "a character that is not in ASCII (U+FFFD) at position 2 of 2",
	} {
		assert.Equal(t, want, ControlOrNotASCII(text), "%q", text)
	}
	assert.Empty(t, Control("pässwörd …"))
	assert.Equal(t, "a line break at position 2 of 3", Control("ä\rb"))
}
