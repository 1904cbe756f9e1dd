package format

import (
	"bytes"
	"fmt"
	"io"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
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

// A bracketStack holds the open brackets of a text, one bit for each.
type bracketStack struct {
	bits  []uint64
	depth int
}

// maxJSONDepth is the largest depth of nested arrays and objects.
const maxJSONDepth = 10000

func (s *bracketStack) push(object bool) {
	i := s.depth / 64
	if i == len(s.bits) {
		s.bits = append(s.bits, 0)
	}
	s.bits[i] &^= 1 << (s.depth % 64)
	if object {
		s.bits[i] |= 1 << (s.depth % 64)
	}
	s.depth++
}

// inObject reports whether the innermost bracket is that of an object.
func (s *bracketStack) inObject() bool {
	return s.bits[(s.depth-1)/64]>>((s.depth-1)%64)&1 == 1
}

// skipValue reads a value and checks its syntax. It does not check whether its text is
// valid UTF-8.
func (j *jsonReader) skipValue() error {
	var stack bracketStack
	for {
		if stack.depth > 0 {
			j.skipPlain(stack.inObject())
		}
		opened, err := j.skipStart(&stack)
		if err != nil {
			return err
		}
		if opened {
			continue
		}
		// A value has ended. So do the values that it is the last part of.
		for {
			if stack.depth == 0 {
				return nil
			}
			more, err := j.separator(&stack)
			if err != nil {
				return err
			}
			if more {
				break
			}
			stack.depth--
		}
	}
}

// skipPlain consumes the values of the innermost bracket, with the commas and names after
// them, as long as they are simple and in the buffer. It leaves the rest, which includes
// the last value, to the other methods.
func (j *jsonReader) skipPlain(object bool) {
	b := j.buf[:j.end]
	for {
		i := scalarEnd(b, jsonpath.SkipSpace(b, j.pos))
		if i = jsonpath.SkipSpace(b, i); i >= len(b) || b[i] != ',' {
			return
		}
		i = jsonpath.SkipSpace(b, i+1)
		if object {
			if i = plainStringEnd(b, i); i >= len(b) {
				return
			}
			if i = jsonpath.SkipSpace(b, i); i >= len(b) || b[i] != ':' {
				return
			}
			i++
		} else if i < len(b) && b[i] == ']' {
			return
		}
		j.pos = i
	}
}

// scalarEnd returns the index after the value that begins at i. It returns len(b) if the
// value is not a simple one, is not valid or may not end in b.
func scalarEnd(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	word := ""
	switch c := b[i]; {
	case c == '"':
		return plainStringEnd(b, i)
	case c == '-' || c >= '0' && c <= '9':
		if n := numberLength(b[i:]); n > 0 {
			return i + n
		}
	case c == 't':
		word = "true"
	case c == 'f':
		word = "false"
	case c == 'n':
		word = "null"
	}
	if end := i + len(word); word != "" && end <= len(b) && string(b[i:end]) == word {
		return end
	}
	return len(b)
}

// plainStringEnd returns the index after the string that begins at i. It returns len(b) if
// there is no string, if it has an escape sequence, or if it does not end in b.
func plainStringEnd(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return len(b)
	}
	if i, _ = jsonvalue.StringSpan(b, i+1); i < len(b) && b[i] == '"' {
		return i + 1
	}
	return len(b)
}

// skipStart reads a value without brackets, or an empty array or object. Of any other array
// or object, it reads the beginning up to the first value, and returns opened as true.
func (j *jsonReader) skipStart(stack *bracketStack) (opened bool, err error) {
	c, err := j.next()
	if err != nil {
		return false, jsonvalue.UnexpectedEOF(err)
	}
	if c != '{' && c != '[' {
		return false, j.skipScalar(c)
	}
	if stack.depth == maxJSONDepth {
		return false, fmt.Errorf("%w: more than %d nested arrays and objects", ErrTooLarge, maxJSONDepth)
	}
	j.pos++
	closing := c + 2 // of { and [ in ASCII
	if c, err = j.next(); err != nil {
		return false, jsonvalue.UnexpectedEOF(err)
	}
	if c == closing {
		j.pos++
		return false, nil
	}
	stack.push(closing == '}')
	if closing == '}' {
		return true, j.skipName()
	}
	return true, nil
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

// skipName reads the name of a member and the colon after it.
func (j *jsonReader) skipName() error {
	_, err := j.name(0)
	return err
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

// skipScalar reads a string, a number or a literal that begins with c.
func (j *jsonReader) skipScalar(c byte) error {
	switch {
	case c == '"':
		_, err := j.skipString(0)
		return err
	case c == '-' || c >= '0' && c <= '9':
		return j.skipNumber()
	case c == 't':
		return j.skipLiteral("true")
	case c == 'f':
		return j.skipLiteral("false")
	case c == 'n':
		return j.skipLiteral("null")
	}
	return j.unexpected("instead of a value")
}

func (j *jsonReader) skipLiteral(word string) error {
	if end := j.pos + len(word); end <= j.end && string(j.buf[j.pos:end]) == word {
		j.pos = end
		return nil
	}
	for i := range len(word) {
		c, err := j.peek()
		if err != nil || c != word[i] {
			return j.unexpected("in a literal")
		}
		j.pos++
	}
	return nil
}

// skipNumber reads a number as RFC 8259 §6 defines it.
func (j *jsonReader) skipNumber() error {
	if n := numberLength(j.buf[j.pos:j.end]); n > 0 {
		j.pos += n
		return nil
	}
	if err := j.accept('-'); err != nil {
		return err
	}
	zero := false
	if c, err := j.peek(); err == nil && c == '0' {
		zero = true
		j.pos++
	}
	if !zero {
		if err := j.skipDigits(); err != nil {
			return err
		}
	}
	if c, err := j.peek(); err == nil && c == '.' {
		j.pos++
		if err := j.skipDigits(); err != nil {
			return err
		}
	}
	if c, err := j.peek(); err == nil && c|0x20 == 'e' {
		j.pos++
		if err := j.accept('-', '+'); err != nil {
			return err
		}
		return j.skipDigits()
	}
	return nil
}

// numberLength returns the length of the number that b begins with. It returns 0 if the
// number is not valid or ends b.
func numberLength(b []byte) int {
	i := 0
	if b[0] == '-' {
		i++
	}
	start := i
	if i = digitsEnd(b, i); i == start || b[start] == '0' && i > start+1 {
		return 0
	}
	if i < len(b) && b[i] == '.' {
		start = i + 1
		if i = digitsEnd(b, start); i == start {
			return 0
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if start = i + 1; start < len(b) && (b[start] == '-' || b[start] == '+') {
			start++
		}
		if i = digitsEnd(b, start); i == start {
			return 0
		}
	}
	if i == len(b) {
		return 0
	}
	return i
}

// digitsEnd returns the index, from i on, of the first byte that is not a digit.
func digitsEnd(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
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

// skipDigits reads one digit or more.
func (j *jsonReader) skipDigits() error {
	for n := 0; ; {
		for ; j.pos < j.end && j.buf[j.pos] >= '0' && j.buf[j.pos] <= '9'; j.pos++ {
			n++
		}
		if j.pos == j.end && j.fill(j.pos) == nil {
			continue
		}
		if n == 0 {
			return j.unexpected("in a number")
		}
		return nil
	}
}

// skipString reads a string. It returns its text, with the quotes, unless it is longer
// than limit bytes.
func (j *jsonReader) skipString(limit int) (text []byte, err error) {
	keep := j.pos // the first byte that is not yet in text
	j.pos++
	for {
		j.pos, _ = jsonvalue.StringSpan(j.buf[:j.end], j.pos)
		if j.pos == j.end {
			text = appendUpTo(text, j.buf[keep:j.pos], limit)
			if err := j.fill(j.pos); err != nil {
				return nil, jsonvalue.UnexpectedEOF(err)
			}
			keep = j.pos
			continue
		}
		switch j.buf[j.pos] {
		case '"':
			j.pos++
			if text = appendUpTo(text, j.buf[keep:j.pos], limit); len(text) > limit {
				return nil, nil
			}
			return text, nil
		case '\\':
			if n := escapeLength(j.buf[j.pos:j.end]); n > 0 {
				j.pos += n
				continue
			}
			text = appendUpTo(text, j.buf[keep:j.pos], limit)
			escape, err := j.escape()
			if err != nil {
				return nil, err
			}
			text = appendUpTo(text, escape, limit)
			keep = j.pos
		default:
			return nil, j.unexpected("in a string")
		}
	}
}

// appendUpTo appends as much of b as makes text one byte longer than the limit, so that
// the length of the text reports that it is longer. A limit of 0 keeps nothing.
func appendUpTo(text, b []byte, limit int) []byte {
	if limit == 0 {
		return nil
	}
	return append(text, b[:min(len(b), limit+1-len(text))]...)
}

// escapeLength returns the length of the escape sequence that b begins with. It returns 0
// if it is not valid, or if b ends within it.
func escapeLength(b []byte) int {
	if len(b) < 2 || !escapes[b[1]] {
		return 0
	}
	if b[1] != 'u' {
		return 2
	}
	if len(b) < 6 || !isHex(b[2]) || !isHex(b[3]) || !isHex(b[4]) || !isHex(b[5]) {
		return 0
	}
	return 6
}

// escapes marks the bytes that follow the backslash of an escape sequence.
var escapes = [256]bool{'"': true, '\\': true, '/': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true, 'u': true}

// escape reads an escape sequence, whose text is valid until the next read.
func (j *jsonReader) escape() ([]byte, error) {
	need := 2
	for i := 0; i < need; i++ {
		for j.pos+i >= j.end {
			if err := j.fill(j.pos); err != nil {
				return nil, jsonvalue.UnexpectedEOF(err)
			}
		}
		c := j.buf[j.pos+i]
		switch {
		case i == 0:
		case i == 1 && c == 'u':
			need = 6
		case i == 1 && !escapes[c], i > 1 && !isHex(c):
			j.pos += i
			return nil, j.unexpected("in an escape sequence")
		}
	}
	j.pos += need
	return j.buf[j.pos-need : j.pos], nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
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

// A valueScan looks for the end of a value.
type valueScan struct {
	scalar            bool // a number or a literal
	inString, escaped bool
	depth             int
}

// scan reads the next part of the text. It returns the number of bytes that belong to
// the value, and whether they end it.
func (s *valueScan) scan(b []byte) (n int, done bool) {
	if s.scalar {
		for n < len(b) && isScalarByte(b[n]) {
			n++
		}
		return n, n < len(b)
	}
	i := 0
	for i < len(b) {
		if s.inString {
			i += s.scanString(b[i:])
			if !s.inString && s.depth == 0 {
				return i, true
			}
			continue
		}
		switch structural[b[i]] {
		case isQuote:
			s.inString = true
		case isOpening:
			s.depth++
		case isClosing:
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return i, false
}

const (
	isQuote = iota + 1
	isOpening
	isClosing
)

// structural marks the bytes that matter to the search for the end of a value.
var structural = [256]uint8{'"': isQuote, '{': isOpening, '[': isOpening, '}': isClosing, ']': isClosing}

// scanString reads a part of a string, up to its end.
func (s *valueScan) scanString(b []byte) (n int) {
	for n < len(b) {
		if s.escaped {
			s.escaped = false
			n++
			continue
		}
		if n, _ = jsonvalue.StringSpan(b, n); n == len(b) {
			break
		}
		switch b[n] {
		case '"':
			s.inString = false
			return n + 1
		case '\\':
			s.escaped = true
		}
		n++
	}
	return n
}

func isScalarByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}
