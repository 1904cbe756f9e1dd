package stdin

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A Reader reads the lines of an answer. It is not safe for concurrent use.
type Reader struct {
	in     *bufio.Reader
	long   []byte // a line that does not fit into the buffer
	number int
	bytes  int64
	line   Line
	parser parser
}

// NewReader returns a Reader that reads from r, the standard output of a process.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 256<<10)}
}

// Lines returns the number of lines read so far.
func (r *Reader) Lines() int { return r.number }

// Bytes returns the number of bytes in the lines read so far.
func (r *Reader) Bytes() int64 { return r.bytes }

// Buffered reports whether more of the answer is in the buffer, so that Next may
// return without waiting for the process.
func (r *Reader) Buffered() bool { return r.in.Buffered() > 0 }

// Next returns the next line, which is valid until the next call of Next. It skips
// empty lines. After the last line, the error is io.EOF. For a line that does not
// follow the protocol, the error is an [*Error], and Next may be called again to
// read the line after it. Any other error comes from the underlying reader.
func (r *Reader) Next() (*Line, error) {
	for {
		text, err := r.read()
		switch {
		case err == nil && len(bytes.TrimSpace(text)) == 0:
			continue
		case err != nil:
			return nil, err
		}
		if err := r.parser.parse(text, &r.line); err != nil {
			return nil, r.parseFault(err, text)
		}
		return &r.line, nil
	}
}

// read returns a line with its line end. With the error ErrCut, it returns the part
// of the line that was read.
func (r *Reader) read() ([]byte, error) {
	text, err := r.in.ReadSlice('\n')
	r.bytes += int64(len(text))
	r.long = r.long[:0]
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(r.long) < MaxLine {
			r.long = append(r.long, text...)
		}
		text, err = r.in.ReadSlice('\n')
		r.bytes += int64(len(text))
	}
	if len(r.long) > 0 {
		r.long = append(r.long, text...)
		text = r.long
	}
	if err == nil || len(text) > 0 {
		r.number++
	}
	switch {
	case err == nil && len(text) > MaxLine:
		return nil, r.fault(ErrTooLong, text)
	case err == nil:
		return text, nil
	case err == io.EOF && len(text) > 0:
		return text, r.fault(ErrCut, text)
	}
	return nil, err
}

// parseFault returns the error for a line that the parser rejected. The parser may
// know that the line holds secrets although its text does not show it.
func (r *Reader) parseFault(err error, text []byte) error {
	if r.parser.secrets {
		return &Error{Line: r.number, Text: withheld, Err: err}
	}
	return r.fault(err, text)
}

// withheld replaces the text of a line that may hold secrets.
const withheld = "(not shown, because the line may hold secrets)"

// fault returns the error for a line. The line may be longer than the text shown.
func (r *Reader) fault(err error, text []byte) error {
	const shown = 200
	text = bytes.TrimRight(text, "\r\n")
	if bytes.Contains(bytes.ToUpper(text[:min(len(text), shown)]), []byte("SECRETS")) {
		return &Error{Line: r.number, Text: withheld, Err: err}
	}
	return &Error{Line: r.number, Text: shorten.Text(text, shown), Err: err}
}
