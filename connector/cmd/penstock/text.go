package main

import (
	"fmt"
	"time"

	"github.com/mattn/go-runewidth"
)

// cut shortens a text to a width in terminal columns. Some characters are two columns
// wide.
func cut(text string, width int) string { return runewidth.Truncate(text, width, "…") }

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
