package format

import (
	"bytes"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// A jsonReader reads JSON text of any size in bounded memory. It skips values without
// holding them, and holds the text of one value at a time.
type jsonReader struct {
	r    io.Reader
	buf  []byte // buf[pos:end] has been read from r but not consumed
	pos  int
	end  int
	base int64        // the offset of buf[0] in the text
	err  error        // of r
	open bracketStack // on the path to the records

	values jsonvalue.PrefixDecoder
	last   int   // the length of the record before
	limit  int64 // the largest number of bytes of a record
	check  *lossCheck
}

// jsonBufferSize is the size of the buffer of a jsonReader, unless a value is larger.
const jsonBufferSize = 16 << 10

// newJSONReader returns a reader that skips a byte order mark. c may be nil.
func newJSONReader(r io.Reader, c *lossCheck) *jsonReader {
	j := &jsonReader{r: r, buf: make([]byte, jsonBufferSize), check: c}
	mark := []byte("\xef\xbb\xbf")
	for j.end < len(mark) && bytes.HasPrefix(mark, j.buf[:j.end]) && j.fill(0) == nil {
		continue
	}
	if bytes.HasPrefix(j.buf[:j.end], mark) {
		j.pos = len(mark)
	}
	return j
}

// fill reads more text behind buf[pos:end]. It keeps the text from buf[from] on and moves
// it to the beginning of the buffer, which grows if it is full. from must not be after
// pos.
func (j *jsonReader) fill(from int) error {
	if j.err != nil {
		return j.err
	}
	if from > 0 {
		copy(j.buf, j.buf[from:j.end])
		j.base += int64(from)
		j.pos, j.end = j.pos-from, j.end-from
	}
	if j.end == len(j.buf) {
		j.buf = growBuffer(j.buf, j.limit)
	}
	for range 100 {
		n, err := j.r.Read(j.buf[j.end:])
		j.end += n
		j.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// peek returns the next byte without consuming it.
func (j *jsonReader) peek() (byte, error) {
	if j.pos == j.end {
		if err := j.fill(j.pos); err != nil {
			return 0, err
		}
	}
	return j.buf[j.pos], nil
}

// next consumes white space and returns the byte after it without consuming it.
func (j *jsonReader) next() (byte, error) {
	for {
		for ; j.pos < j.end; j.pos++ {
			if c := j.buf[j.pos]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, nil
			}
		}
		if err := j.fill(j.pos); err != nil {
			return 0, err
		}
	}
}

// unexpected returns the error for the next byte. what describes where it is.
func (j *jsonReader) unexpected(what string) error {
	c, err := j.peek()
	if err != nil {
		return jsonvalue.UnexpectedEOF(err)
	}
	return fmt.Errorf("%w: unexpected %q %s, at byte %d", ErrNotJSON, c, what, j.base+int64(j.pos))
}

// separator reads the text after a value in an array or an object: the closing bracket, or
// a comma and, in an object, the next name. It returns more as true after a comma.
func (j *jsonReader) separator(stack *bracketStack) (more bool, err error) {
	object := stack.inObject()
	closing := byte(']')
	if object {
		closing = '}'
	}
	if more, err = j.comma(closing); more && object {
		err = j.skipName()
	}
	return more, err
}

// comma reads a comma, and returns more as true, or the closing bracket.
func (j *jsonReader) comma(closing byte) (more bool, err error) {
	c, err := j.next()
	switch {
	case err != nil:
		return false, jsonvalue.UnexpectedEOF(err)
	case c == ',':
		j.pos++
		if c, err = j.next(); err != nil {
			return false, jsonvalue.UnexpectedEOF(err)
		} else if c == closing {
			return false, j.unexpected("after a comma")
		}
		return true, nil
	case c == closing:
		j.pos++
		return false, nil
	}
	return false, j.unexpected("after a value")
}

// name reads the name of a member and the colon after it. It returns the quoted text, or
// nil if it has more than limit bytes.
func (j *jsonReader) name(limit int) (quoted []byte, err error) {
	c, err := j.next()
	if err != nil {
		return nil, jsonvalue.UnexpectedEOF(err)
	}
	if c != '"' {
		return nil, j.unexpected("instead of the name of a member")
	}
	if quoted, err = j.skipString(limit); err != nil {
		return nil, err
	}
	if c, err = j.next(); err != nil {
		return nil, jsonvalue.UnexpectedEOF(err)
	}
	if c != ':' {
		return nil, j.unexpected("after the name of a member")
	}
	j.pos++
	return quoted, nil
}

// accept reads the next byte if it is one of those given.
func (j *jsonReader) accept(chars ...byte) error {
	c, err := j.peek()
	if err != nil {
		return jsonvalue.UnexpectedEOF(err)
	}
	if bytes.IndexByte(chars, c) >= 0 {
		j.pos++
	}
	return nil
}

// value reads the value that begins with the next byte and returns its text, which is
// valid until the next read. It finds the end of the value by its brackets and quotes
// alone. The value must be decoded to check the rest of its syntax.
func (j *jsonReader) value(limit int64) ([]byte, error) {
	var s valueScan
	if c := j.buf[j.pos]; c != '{' && c != '[' && c != '"' {
		s.scalar = true
	}
	for i := 0; ; {
		n, done := s.scan(j.buf[j.pos+i : j.end])
		if i += n; int64(i) > limit {
			return nil, j.tooLarge(limit)
		}
		if !done {
			err := j.fill(j.pos)
			if err == nil {
				continue
			}
			if err != io.EOF || !s.scalar {
				return nil, jsonvalue.UnexpectedEOF(err)
			}
		}
		if i == 0 {
			return nil, j.unexpected("instead of a value")
		}
		text := j.buf[j.pos : j.pos+i : j.pos+i]
		j.pos += i
		return text, nil
	}
}

func (j *jsonReader) tooLarge(limit int64) error {
	return fmt.Errorf("record: %w: more than %d bytes", ErrTooLarge, limit)
}
