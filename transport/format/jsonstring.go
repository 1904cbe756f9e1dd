package format

import (
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

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
