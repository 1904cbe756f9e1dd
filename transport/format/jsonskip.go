package format

import (
	"fmt"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

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

// skipName reads the name of a member and the colon after it.
func (j *jsonReader) skipName() error {
	_, err := j.name(0)
	return err
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
