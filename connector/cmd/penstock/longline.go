package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/connector/stdin"
)

// A lineLimit reads an answer and fails in the middle of a line that is longer than
// [stdin.MaxLine]. Without it, a line that never ends would be read forever.
type lineLimit struct {
	in    io.Reader
	lines int // that have ended
	open  int // bytes of the line that has not ended
}

func (l *lineLimit) Read(b []byte) (int, error) {
	if l.open > stdin.MaxLine {
		return 0, fmt.Errorf("line %d of the answer: %w; penstock reads no longer line", l.lines+1, stdin.ErrTooLong)
	}
	n, err := l.in.Read(b)
	read := b[:n]
	if last := bytes.LastIndexByte(read, '\n'); last >= 0 {
		l.lines += bytes.Count(read, []byte{'\n'})
		l.open = n - last - 1
	} else {
		l.open += n
	}
	return n, err
}
