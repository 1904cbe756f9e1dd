package bodytext

import (
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// A utf8Guess finds out whether a text is UTF-8, although a server declares another
// charset. Text of another charset is hardly ever valid UTF-8.
type utf8Guess struct {
	broken bool
	tail   []byte // the beginning of a character
	found  int    // bytes that continue a character
}

// enough is the number of bytes that continue a character after which more text need not
// be looked at.
const enough = 40

// add looks at the next part of the text.
func (g *utf8Guess) add(text []byte) {
	if g.broken || g.found >= enough {
		return
	}
	if len(g.tail) > 0 {
		text = append(g.tail, text...)
	}
	hold := incomplete(text)
	g.tail = append([]byte(nil), text[len(text)-hold:]...)
	for text = text[:len(text)-hold]; len(text) > 0 && g.found < enough; {
		if text[0] < utf8.RuneSelf {
			text = text[1:]
			continue
		}
		_, size := utf8.DecodeRune(text)
		if size == 1 {
			g.broken = true
			return
		}
		g.found += size - 1
		text = text[size:]
	}
}

// isUTF8 reports whether the text, of which nothing follows if atEOF is true, is UTF-8 with
// so many characters beyond ASCII that this is no coincidence in text of an encoding.
func (g *utf8Guess) isUTF8(enc encoding.Encoding, atEOF bool) bool {
	if g.broken || !atEOF {
		return !g.broken && g.found >= enough
	}
	least := 4
	if _, oneByte := enc.(*charmap.Charmap); oneByte {
		least = 2
	}
	return len(g.tail) == 0 && g.found >= least
}

// IsMisdeclared reports whether a text is UTF-8, although a server has declared that its
// charset is name. A declaration that gives way by itself does not count.
func IsMisdeclared(text []byte, name string) bool {
	c, enc, err := lookup(name)
	if err != nil || enc == nil || isLatin1(c, enc) || isUTF16(enc) || markOf(text) != noMark {
		return false
	}
	var g utf8Guess
	g.add(text)
	return g.isUTF8(enc, true)
}
