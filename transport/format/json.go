package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// JSON reads the elements of an array in a JSON text.
type JSON struct {
	// At is the path to the array, without wildcards. The text before and after the
	// array may be of any size. It is skipped, but its syntax is checked to the end of the
	// text, so a truncated text is an error (ErrCut). More than 10,000 nested arrays and
	// objects are an error that wraps ErrTooLarge. Optional; the default is the root of
	// the text.
	At string
}

// Accept returns the media type of JSON.
func (JSON) Accept() string { return "application/json, */*;q=0.5" }

// Read implements [Format].
func (f JSON) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f JSON) read(r io.Reader, maxRecord int64, c *lossCheck, yield func(decode func(v any) error) bool) error {
	path, err := jsonpath.Parse(f.At)
	if err != nil {
		return err
	}
	if path.Many() {
		return fmt.Errorf("path %s: a stream does not support wildcards", path)
	}
	j := newJSONReader(r, c)
	instead, err := j.descend(path.Steps())
	if err != nil {
		return textError(err)
	}
	if instead != "" {
		return fmt.Errorf("%w %s: there is %s", ErrNoRecords, path, instead)
	}
	switch first, err := j.next(); {
	case err != nil:
		return textError(err)
	case first == 'n':
		if err := j.skipValue(); err != nil {
			return textError(err)
		}
	case first != '[':
		if err := j.skipValue(); err != nil {
			return textError(err)
		}
		return fmt.Errorf("%w %s: it is not an array", ErrNoRecords, path)
	default:
		if more, err := j.elements(maxRecord, yield); !more || err != nil {
			return textError(err)
		}
	}
	return textError(j.finish())
}

// descend reads up to the value that the steps lead to. If there is none, it returns a
// description of the value that the text has instead.
func (j *jsonReader) descend(steps []jsonpath.Step) (instead string, err error) {
	for _, step := range steps {
		c, err := j.next()
		switch {
		case err != nil:
			return "", err
		case c == '{':
			instead, err = j.descendMember(step)
		case c == '[':
			instead, err = j.descendElement(step)
		default:
			instead, err = "neither an object nor an array", j.skipValue()
		}
		if instead != "" || err != nil {
			return instead, err
		}
	}
	return "", nil
}

// descendMember reads up to the value of a member of an object.
func (j *jsonReader) descendMember(step jsonpath.Step) (instead string, err error) {
	j.pos++
	j.open.push(true)
	c, err := j.next()
	if err != nil {
		return "", jsonvalue.UnexpectedEOF(err)
	}
	if c == '}' {
		return "an empty object", nil
	}
	const most = 12
	var names []string
	for more := true; more; {
		quoted, err := j.name(6*len(step.Name) + maxNameInError)
		if err != nil {
			return "", err
		}
		name, _ := jsontext.AppendUnquote(nil, quoted)
		if quoted != nil && step.Member(string(name)) {
			return "", nil
		}
		if quoted == nil {
			name = []byte("...")
		}
		if len(names) < most {
			names = append(names, shorten.Line(string(name), maxNameInError))
		} else if len(names) == most {
			names = append(names, "...")
		}
		if err := j.skipValue(); err != nil {
			return "", err
		}
		if more, err = j.comma('}'); err != nil {
			return "", err
		}
	}
	return "an object with the keys " + strings.Join(names, ", "), nil
}

// maxNameInError is the maximum number of bytes of a member's name in an error.
const maxNameInError = 40

// descendElement reads up to an element of an array.
func (j *jsonReader) descendElement(step jsonpath.Step) (instead string, err error) {
	j.pos++
	j.open.push(false)
	c, err := j.next()
	if err != nil {
		return "", jsonvalue.UnexpectedEOF(err)
	}
	if c == ']' {
		return "an empty array", nil
	}
	index, ok := step.Element()
	for i := 0; ; i++ {
		if ok && i == index {
			return "", nil
		}
		if err := j.skipValue(); err != nil {
			return "", err
		}
		more, err := j.comma(']')
		if err != nil {
			return "", err
		}
		if !more {
			return fmt.Sprintf("an array of %d", i+1), nil
		}
	}
}

// elements yields the elements of an array. It returns more as false if yield stopped
// it.
func (j *jsonReader) elements(maxRecord int64, yield func(func(any) error) bool) (more bool, err error) {
	j.pos++
	c, err := j.next()
	if err != nil {
		return false, jsonvalue.UnexpectedEOF(err)
	}
	if c == ']' {
		j.pos++
		return true, nil
	}
	record := j.records(maxRecord, yield)
	for {
		if _, err := j.next(); err != nil {
			return false, jsonvalue.UnexpectedEOF(err)
		}
		if more, err := record(); !more {
			return false, err
		}
		if more, err := j.comma(']'); !more {
			return err == nil, err
		}
	}
}

// records returns a function that yields the value that begins with the next byte, which
// is that of a record. It returns more as false if yield stopped or the text is broken.
//
// An object or array is not searched for its end before it is decoded, so the decoding
// function returns the errors of its text.
func (j *jsonReader) records(maxRecord int64, yield func(func(any) error) bool) func() (more bool, err error) {
	j.limit = maxRecord
	decoded := false
	decodeNext := func(v any) error { // one function for all records
		decoded = true
		return j.decodeNext(maxRecord, v)
	}
	return func() (more bool, err error) {
		if c := j.buf[j.pos]; c == '{' || c == '[' {
			decoded = false
			if more = yield(decodeNext); more && !decoded {
				err = errors.New("a record has not been decoded")
			}
			return more && decoded, err
		}
		text, err := j.value(maxRecord)
		if err != nil {
			return false, err
		}
		if string(text) == "null" {
			return yield(func(any) error { return errors.New("it is null") }), nil
		}
		return yield(func(v any) error { return j.decode(text, v) }), nil
	}
}

// maxWindow is how much of the text a value may have that is decoded before its end is
// known.
const maxWindow = 64 << 10

// decodeNext decodes the object or array that begins with the next byte into v.
func (j *jsonReader) decodeNext(maxRecord int64, v any) error {
	// A value that is longer is checked before it is decoded, see jsonvalue.CheckCost.
	if window := j.buf[j.pos:min(j.end, j.pos+maxWindow)]; j.last < len(window) {
		if n, ok := j.values.Decode(window, v); ok {
			if int64(n) > maxRecord {
				return j.tooLarge(maxRecord)
			}
			j.pos += n
			j.last = n
			j.report(window[:n])
			return nil
		}
	}
	text, err := j.value(maxRecord)
	if err != nil {
		return textError(err)
	}
	j.last = len(text)
	return j.decode(text, v)
}

// decode decodes a record into v and checks it. Invalid UTF-8 is replaced. An escape for
// half of a surrogate pair is an error.
func (j *jsonReader) decode(text []byte, v any) error {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if err := jsonvalue.CheckCost(text, v, j.limit); err != nil {
		return err
	}
	text, err := jsonvalue.Decode(text, v)
	if err == nil {
		j.report(text)
	}
	return err
}

// report reports the nulls and the digits that the record has lost.
func (j *jsonReader) report(text []byte) {
	if j.check != nil && j.check.json != nil {
		j.check.report.Check(j.check.ctx, j.check.json, text)
	}
}

// finish reads the rest of the text behind the array.
func (j *jsonReader) finish() error {
	for ; j.open.depth > 0; j.open.depth-- {
		for {
			more, err := j.separator(&j.open)
			if err != nil {
				return err
			}
			if !more {
				break
			}
			if err := j.skipValue(); err != nil {
				return err
			}
		}
	}
	switch c, err := j.next(); {
	case err == io.EOF:
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("%w: %q follows the value, at byte %d", ErrNotJSON, c, j.base+int64(j.pos))
	}
}

// textError wraps ErrCut around the error of a text that ends too early.
func textError(err error) error {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrCut) {
		return fmt.Errorf("%w within its JSON: %w", ErrCut, jsonvalue.UnexpectedEOF(err))
	}
	return err
}
