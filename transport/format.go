package transport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Format reads records from a text, one after the other, with one record in
// memory at a time: [JSON], [NDJSON], [CSV], [XML], and [Gzip] and [Zip] around
// one of them. Use it with [Stream], or with [Decode] where there is no
// request. It is not meant to be implemented elsewhere.
type Format interface {
	// read calls yield for each record, with a function that decodes it, until
	// yield returns false. A record takes at most limit bytes of text.
	read(r io.Reader, limit int64, yield func(decode func(v any) error) bool) error
	// accept is what to ask for.
	accept() string
	// markup tells that a text may begin with "<".
	markup() bool
}

// Decode reads records from r, such as a file, and decodes each into a T. The
// rules of the iterator are those of [Records], but that errors are plain, not
// *Error. A record may take up to 64 MiB.
func Decode[T any](r io.Reader, f Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := decodeAll(r, f, defaultMaxBody, yield); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// decodeAll yields records until yield returns false, and returns what failed.
func decodeAll[T any](r io.Reader, f Format, limit int64, yield func(T, error) bool) error {
	if f == nil {
		return errors.New("no format given")
	}
	n := 0
	var failed error
	err := f.read(r, limit, func(decode func(any) error) bool {
		n++
		var v T
		if err := decode(&v); err != nil {
			failed = fmt.Errorf("decode record %d as %s: %w", n, reflect.TypeFor[T](), err)
			return false
		}
		return yield(v, nil)
	})
	if failed != nil {
		return failed
	}
	if err != nil && n > 0 {
		err = fmt.Errorf("after record %d: %w", n, err)
	}
	return err
}

// A recordGuard fails when a record takes more than its limit of bytes.
type recordGuard struct {
	r     io.Reader
	n     int64
	limit int64
}

func (g *recordGuard) Read(p []byte) (int, error) {
	if g.n > g.limit {
		return 0, fmt.Errorf("record: %w: %d bytes", ErrTooLarge, g.limit)
	}
	n, err := g.r.Read(p)
	g.n += int64(n)
	return n, err
}

// JSON reads the elements of an array in a JSON text.
type JSON struct {
	// At is the path to the array, without * in it. What comes before and
	// after it is passed over, but read to its end, so that a text that breaks
	// off is noticed. Optional; the default is the text itself.
	At string
}

func (JSON) accept() string { return "application/json, */*;q=0.5" }
func (JSON) markup() bool   { return false }

func (f JSON) read(r io.Reader, limit int64, yield func(func(any) error) bool) error {
	p, err := parsePath(f.At)
	if err != nil {
		return err
	}
	if p.many() {
		return fmt.Errorf("path %q: a * can't be streamed", f.At)
	}
	g := &recordGuard{r: r, limit: math.MaxInt64}
	d := newDecoder(g)
	found, err := descend(d, p.steps)
	if err != nil {
		return streamError(err)
	}
	switch {
	case !found:
		return fmt.Errorf("%w %s", ErrNoRecords, p.name())
	case d.PeekKind() == 'n':
		err = d.SkipValue()
	case d.PeekKind() != '[':
		if err := d.SkipValue(); err != nil {
			return streamError(err)
		}
		return fmt.Errorf("%w %s: it is not an array", ErrNoRecords, p.name())
	default:
		g.limit = limit
		var more bool
		if more, err = readElements(d, g, yield); err == nil && !more {
			return nil
		}
	}
	if err != nil {
		return streamError(err)
	}
	g.limit = math.MaxInt64
	return streamError(readToEnd(d))
}

// newDecoder returns a decoder that skips a byte order mark.
func newDecoder(r io.Reader) *jsontext.Decoder {
	buf := bufio.NewReader(r)
	if mark, err := buf.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = buf.Discard(3)
	}
	return jsontext.NewDecoder(buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// descend goes to the value at a path.
func descend(d *jsontext.Decoder, steps []string) (found bool, err error) {
	for _, step := range steps {
		kind := d.PeekKind()
		if kind != '{' && kind != '[' {
			return false, d.SkipValue()
		}
		if _, err := d.ReadToken(); err != nil {
			return false, err
		}
		found := false
		for i := 0; !found; i++ {
			if k := d.PeekKind(); k == '}' || k == ']' {
				return false, nil
			}
			name := strconv.Itoa(i)
			if kind == '{' {
				tok, err := d.ReadToken()
				if err != nil {
					return false, err
				}
				name = tok.String()
			}
			if found = name == step; !found {
				if err := d.SkipValue(); err != nil {
					return false, err
				}
			}
		}
	}
	return true, nil
}

// readElements yields the elements of an array; more is false where yield did
// not want more.
func readElements(d *jsontext.Decoder, g *recordGuard, yield func(func(any) error) bool) (more bool, err error) {
	if _, err := d.ReadToken(); err != nil {
		return false, err
	}
	for d.PeekKind() != ']' {
		g.n = 0
		if more, err := readValue(d, yield); !more {
			return false, err
		}
	}
	_, err = d.ReadToken()
	return true, err
}

// readValue yields the next value. Errors of the text itself are returned, and
// not given to the one who decodes.
func readValue(d *jsontext.Decoder, yield func(func(any) error) bool) (more bool, err error) {
	switch d.PeekKind() {
	case 'n':
		if err := d.SkipValue(); err != nil {
			return false, err
		}
		return yield(func(any) error { return errors.New("it is null") }), nil
	case 0:
		// The decoder says what is wrong when it is asked to read on.
		_, err := d.ReadToken()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return false, err
	}
	return yield(func(v any) error { return streamError(jsonv2.UnmarshalDecode(d, v, decodeOptions)) }), nil
}

// readToEnd reads what is left of the text.
func readToEnd(d *jsontext.Decoder) error {
	for d.StackDepth() > 0 {
		if k := d.PeekKind(); k == '}' || k == ']' {
			if _, err := d.ReadToken(); err != nil {
				return err
			}
			continue
		}
		if err := d.SkipValue(); err != nil {
			return unexpectedEOF(err)
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

// streamError says whether a text breaks off or isn't JSON.
func streamError(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil || errors.Is(err, ErrCut) || errors.Is(err, ErrNotJSON):
		return err
	case err == io.EOF, errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w within its JSON: %w", ErrCut, unexpectedEOF(err))
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: %w", ErrNotJSON, err)
	}
	return err
}

// NDJSON reads a JSON value per line (also known as JSON Lines). Empty lines
// are passed over. Where a text is cut between two lines only its length can
// tell.
type NDJSON struct{}

func (NDJSON) accept() string { return "application/x-ndjson, application/jsonl, */*;q=0.5" }
func (NDJSON) markup() bool   { return false }

func (NDJSON) read(r io.Reader, limit int64, yield func(func(any) error) bool) error {
	g := &recordGuard{r: r, limit: limit}
	d := newDecoder(g)
	for {
		g.n = 0
		if d.PeekKind() == 0 {
			_, err := d.ReadToken()
			if err == io.EOF {
				return nil
			}
			return streamError(err)
		}
		if more, err := readValue(d, yield); !more {
			return streamError(err)
		}
	}
}
