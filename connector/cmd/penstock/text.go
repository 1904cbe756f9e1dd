package main

import (
	"fmt"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/penstock-sdk/penstock/internal/visible"
)

// cut returns a text on one line, shortened to a width in terminal columns. Some characters
// are two columns wide. The characters that act on a terminal are escaped, because they have
// no width.
func cut(text string, width int) string { return runewidth.Truncate(visible.Line(text), width, "…") }

// longestMessage is the number of bytes of a message, in which a connector may send
// megabytes. It is more than a part of a long log line; see [longestLog].
const longestMessage = 80 << 10

// longestName is the number of bytes of a name that is printed.
const longestName = 1 << 10

// message returns text as a message of this program. Lines after the first are indented, so
// that none of them can pass for another message. Secrets must have been masked: they are
// not recognized if a long text is cut.
func message(text string) string {
	return visible.Indent(shortened(text, longestMessage), "    ")
}

// shortened returns text, or its start with a note of its size.
func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return fmt.Sprintf("%s… [cut here, of %s]", text[:wholeCharacters([]byte(text[:limit]))], size(int64(len(text))))
}

// name returns the name of a table, a column or a file for people.
func name(text string) string { return visible.Line(shortened(text, longestName)) }

// fit cuts or pads a text to a width in terminal columns.
func fit(text string, width int) string { return runewidth.FillRight(cut(text, width), width) }

// grouped formats a number with commas between groups of three digits.
func grouped(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plural formats a number with a noun.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(int64(n)) + " " + what + "s"
}

// lasted formats a duration.
func lasted(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// size formats a number of bytes.
func size(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
