package format

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
	"github.com/penstock-sdk/penstock/transport/internal/jsonvalue"
)

// JSON reads the elements of an array in a JSON text.
type JSON struct {
	// At is the path to the array, without wildcards. The text before and after the
	// array is skipped but read to the end, so that truncation is noticed. Optional;
	// the default is the root of the text.
	At string
}

// Accept returns the media type of JSON.
func (JSON) Accept() string { return "application/json, */*;q=0.5" }

// Read implements [Format].
func (f JSON) Read(r io.Reader, maxRecord int64, yield func(decode func(v any) error) bool) error {
	return f.read(r, maxRecord, nil, yield)
}

func (f JSON) read(r io.Reader, maxRecord int64, c *nullCheck, yield func(decode func(v any) error) bool) error {
	path, err := jsonpath.Parse(f.At)
	if err != nil {
		return err
	}
	if path.Many() {
		return fmt.Errorf("path %s: a stream does not support wildcards", path)
	}
	limit := &recordLimit{r: r, limit: math.MaxInt64}
	d := newDecoder(limit, c)
	instead, err := descend(d, path.Steps())
	if err != nil {
		return textError(err)
	}
	switch {
	case instead != "":
		return fmt.Errorf("%w %s: there is %s", ErrNoRecords, path, instead)
	case d.PeekKind() == 'n':
		err = d.SkipValue()
	case d.PeekKind() != '[':
		if err := d.SkipValue(); err != nil {
			return textError(err)
		}
		return fmt.Errorf("%w %s: it is not an array", ErrNoRecords, path)
	default:
		limit.limit = maxRecord
		var more bool
		if more, err = readElements(d, limit, yield); err == nil && !more {
			return nil
		}
	}
	if err != nil {
		return textError(err)
	}
	limit.limit = math.MaxInt64
	if d.text != nil {
		d.text.end()
	}
	return textError(readToEnd(d))
}

// A decoder decodes the JSON values of a text.
type decoder struct {
	*jsontext.Decoder
	check *nullCheck
	text  *recording // nil if records are not checked
}

// newDecoder returns a decoder that skips a byte order mark. c may be nil.
func newDecoder(r io.Reader, c *nullCheck) *decoder {
	buf := bufio.NewReader(r)
	if mark, err := buf.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = buf.Discard(3)
	}
	d := &decoder{check: c}
	r = buf
	if c != nil && c.json != nil {
		d.text = &recording{r: buf}
		r = d.text
	}
	d.Decoder = jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return d
}

// decode decodes the next value into v and checks it.
func (d *decoder) decode(v any) error {
	if d.text == nil {
		return textError(jsonv2.UnmarshalDecode(d.Decoder, v, jsonvalue.DecodeOptions))
	}
	d.text.begin(d.Decoder)
	if err := jsonv2.UnmarshalDecode(d.Decoder, v, jsonvalue.DecodeOptions); err != nil {
		return textError(err)
	}
	// The text begins where the value before it ends.
	record := bytes.TrimLeft(d.text.record(d.Decoder), ", \t\r\n")
	d.check.report.Check(d.check.ctx, d.check.json, record)
	return nil
}

// descend reads up to the value that the steps lead to. If there is none, it returns what
// the text has instead.
func descend(d *decoder, steps []jsonpath.Step) (instead string, err error) {
	for _, step := range steps {
		switch d.PeekKind() {
		case '{':
			instead, err = descendMember(d, step)
		case '[':
			instead, err = descendElement(d, step)
		default:
			instead, err = "neither an object nor an array", d.SkipValue()
		}
		if instead != "" || err != nil {
			return instead, err
		}
	}
	return "", nil
}

// descendMember reads up to the value of a member of an object.
func descendMember(d *decoder, step jsonpath.Step) (instead string, err error) {
	if _, err := d.ReadToken(); err != nil {
		return "", err
	}
	const most = 12
	var names []string
	for d.PeekKind() != '}' {
		tok, err := d.ReadToken()
		if err != nil {
			return "", err
		}
		name := tok.String()
		if step.Member(name) {
			return "", nil
		}
		switch len(names) {
		case most:
			names = append(names, "...")
		case most + 1:
		default:
			names = append(names, shorten.Line(name, 40))
		}
		if err := d.SkipValue(); err != nil {
			return "", err
		}
	}
	if len(names) == 0 {
		return "an empty object", nil
	}
	return "an object with the keys " + strings.Join(names, ", "), nil
}

// descendElement reads up to an element of an array.
func descendElement(d *decoder, step jsonpath.Step) (instead string, err error) {
	if _, err := d.ReadToken(); err != nil {
		return "", err
	}
	index, ok := step.Element()
	for i := 0; ; i++ {
		if d.PeekKind() == ']' {
			return fmt.Sprintf("an array of %d", i), nil
		}
		if ok && i == index {
			return "", nil
		}
		if err := d.SkipValue(); err != nil {
			return "", err
		}
	}
}

// readElements yields the elements of an array. It returns more as false if
// yield stopped it.
func readElements(d *decoder, limit *recordLimit, yield func(func(any) error) bool) (more bool, err error) {
	if _, err := d.ReadToken(); err != nil {
		return false, err
	}
	for d.PeekKind() != ']' {
		limit.n = 0
		if more, err := readValue(d, yield); !more {
			return false, err
		}
	}
	_, err = d.ReadToken()
	return true, err
}

// readValue yields the next value. It returns errors of the text itself, which
// the decoding function would otherwise have to report.
func readValue(d *decoder, yield func(func(any) error) bool) (more bool, err error) {
	switch d.PeekKind() {
	case 'n':
		if err := d.SkipValue(); err != nil {
			return false, err
		}
		return yield(func(any) error { return errors.New("it is null") }), nil
	case 0:
		// Reading on makes the decoder return the error.
		_, err := d.ReadToken()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return false, err
	}
	return yield(d.decode), nil
}

// readToEnd reads the rest of the text.
func readToEnd(d *decoder) error {
	for d.StackDepth() > 0 {
		if k := d.PeekKind(); k == '}' || k == ']' {
			if _, err := d.ReadToken(); err != nil {
				return err
			}
			continue
		}
		if err := d.SkipValue(); err != nil {
			return jsonvalue.UnexpectedEOF(err)
		}
	}
	if _, err := d.ReadToken(); err != io.EOF {
		if err == nil {
			err = fmt.Errorf("%w: more text follows the value", ErrNotJSON)
		}
		return err
	}
	return nil
}

// textError wraps ErrCut or ErrNotJSON around an error of the decoder if the
// text is truncated or not JSON.
func textError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil || errors.Is(err, ErrCut) || errors.Is(err, ErrNotJSON):
		return err
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w within its JSON: %w", ErrCut, jsonvalue.UnexpectedEOF(err))
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	return err
}
