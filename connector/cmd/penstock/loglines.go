package main

import (
	"bytes"
	"io"
	"iter"
	"unicode/utf8"
)

// longestLog is the number of bytes of a connector's log line that are kept together. A
// longer line is divided.
const longestLog = 64 << 10

// cutMark ends each part of a divided line but the last. The next part begins with an
// ellipsis.
const cutMark = "… [cut here, because the line is longer than 64 KB]"

// logLines returns the lines that r yields, without their ends and without empty ones. A
// line of more than longestLog bytes is divided as soon as so much of it has been read, so
// that output without line ends is passed on and takes no memory. The function cut returns
// where to divide a text, which must be in its second half.
func logLines(r io.Reader, cut func(text []byte) int) iter.Seq[string] {
	return func(yield func(string) bool) {
		buffer := make([]byte, 0, longestLog)
		start := "" // of the next line
		emit := func(text []byte, mark string) bool {
			line := string(bytes.TrimRight(text, "\r\n"))
			if line == "" && (start == "" || mark == "") {
				start = ""
				return true
			}
			line, start = start+line+mark, ""
			if mark != "" {
				start = "…"
			}
			return yield(line)
		}
		for {
			n, err := r.Read(buffer[len(buffer):cap(buffer)])
			searched := len(buffer)
			buffer = buffer[:len(buffer)+n]
			rest := buffer
			for {
				end := bytes.IndexByte(rest[searched:], '\n')
				if end < 0 {
					break
				}
				end += searched + 1
				if !emit(rest[:end], "") {
					return
				}
				rest, searched = rest[end:], 0
			}
			if len(rest) == cap(buffer) {
				at := min(max(cut(rest), len(rest)/2), len(rest))
				if !emit(rest[:at], cutMark) {
					return
				}
				rest = rest[at:]
			}
			buffer = buffer[:copy(buffer[:cap(buffer)], rest)]
			if err != nil {
				emit(buffer, "")
				return
			}
		}
	}
}

// wholeCharacters returns the length of text without an incomplete character at its end.
func wholeCharacters(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return len(text) - n
			}
			break
		}
	}
	return len(text)
}
