package stdin

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// An Error reports a line that does not follow the protocol.
type Error struct {
	// Line is the number of the line, from 1.
	Line int
	// Text is the beginning of the line, at most 200 bytes. The text of a line that
	// may hold secrets is withheld.
	Text string
	// Err says why the line was refused.
	Err error
}

// Error returns the number of the line, why it was refused, and how it begins.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d of the answer: %v: %s", e.Line, e.Err, e.Text)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrCut reports that the output ended in the middle of a line.
var ErrCut = errors.New("the answer is cut off in the middle of a line")

// ErrTooLong reports a line of more than MaxLine bytes.
var ErrTooLong = fmt.Errorf("more than %d MiB", MaxLine>>20)

// MaxLine is how many bytes a line may have.
const MaxLine = 64 << 20

// A Reader reads the lines of an answer. It is not safe for concurrent use.
type Reader struct {
	in     *bufio.Reader
	long   []byte // a line that did not fit the buffer
	number int
	bytes  int64
	line   Line
	parser parser
}

// NewReader returns a reader of a process's standard output.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 256<<10)}
}

// Lines returns how many lines were read, and Bytes how many bytes.
func (r *Reader) Lines() int { return r.number }

// Bytes returns how many bytes were read.
func (r *Reader) Bytes() int64 { return r.bytes }

// Buffered reports whether more of the answer is at hand, so that the next line
// may be read without waiting.
func (r *Reader) Buffered() bool { return r.in.Buffered() > 0 }

// Next returns the next line, which is good until the one after is asked for.
// The error is io.EOF after the last line, an [*Error] for a line that does not
// follow the protocol, after which Next may be called again, or the error of the
// underlying reader. Next skips empty lines.
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

// read returns a line with what ends it. With the error ErrCut, it returns the
// part of the line that was read.
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

// parseFault returns the error for a line that was refused by the parser, which
// may know that the line holds secrets although its text does not show it.
func (r *Reader) parseFault(err error, text []byte) error {
	if r.parser.secrets {
		return &Error{Line: r.number, Text: withheld, Err: err}
	}
	return r.fault(err, text)
}

// withheld stands for the text of a line that may hold secrets.
const withheld = "(a line with secrets, which is not shown)"

func (r *Reader) fault(err error, text []byte) error {
	const shown = 200
	text = bytes.TrimRight(text, "\r\n")
	if bytes.Contains(bytes.ToUpper(text[:min(len(text), shown)]), []byte("SECRETS")) {
		return &Error{Line: r.number, Text: withheld, Err: err}
	}
	return &Error{Line: r.number, Text: shorten.Text(text, shown), Err: err}
}

// A parser reads one line after another, with the memory of the one before.
type parser struct {
	in         bytes.Buffer
	dec        jsontext.Decoder
	tmp, value []byte
	secrets    bool // the line may hold secrets
	// the names of the line before, which are this one's as a rule
	schema, table string
}

// begin reads what begins the object of a line.
func (p *parser) begin(text []byte) error {
	p.in.Reset()
	p.in.Write(text)
	// A member that comes twice is for whoever reads the row to find.
	p.dec.Reset(&p.in, jsontext.AllowDuplicateNames(true))
	p.secrets = false
	if p.dec.PeekKind() != '{' {
		return errors.New("it is no JSON object")
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	return nil
}

func (p *parser) parse(text []byte, into *Line) error {
	*into = Line{}
	if err := p.begin(text); err != nil {
		return err
	}
	var typ, op string
	var inner Line // what the members say, whichever comes first
	for p.dec.PeekKind() == '"' {
		name, err := p.name()
		if err != nil {
			return err
		}
		switch string(name) {
		case "type":
			typ, err = p.text("type")
			p.secrets = p.secrets || typ == "SECRETS"
		case "op":
			op, err = p.text("op")
		case "record":
			err = p.record(&inner)
		case "state":
			inner.State, err = p.object("state")
		case "log":
			err = p.log(&inner)
		case "secrets":
			p.secrets = true
			err = p.replaced(&inner)
		default:
			err = p.dec.SkipValue()
		}
		if err != nil {
			return p.syntax(err)
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	return into.take(typ, op, &inner)
}

// take fills the line with what its type wants of its members.
func (l *Line) take(typ, op string, inner *Line) error {
	switch typ {
	case "RECORD":
		if inner.Row == nil {
			return errors.New("it is a RECORD without a record")
		}
		l.Kind, l.Op = Record, Upsert
		if op != "" {
			if l.Op = ops[op]; l.Op == 0 {
				return fmt.Errorf("there is no op %q", op)
			}
		}
		l.Schema, l.Table, l.Row = inner.Schema, inner.Table, inner.Row
	case "STATE":
		if inner.State == nil {
			return errors.New("it is a STATE without a state")
		}
		l.Kind, l.State = State, inner.State
	case "LOG":
		switch inner.Level {
		case "INFO", "WARNING", "SEVERE":
		default:
			return fmt.Errorf("it is a LOG of the level %q; want INFO, WARNING or SEVERE", inner.Level)
		}
		l.Kind, l.Level, l.Message = Log, inner.Level, inner.Message
	case "SECRETS":
		if inner.Secrets == nil {
			return errors.New("it is a SECRETS without secrets")
		}
		l.Kind, l.Secrets = Secrets, inner.Secrets
	case "":
		return errors.New("it has no type")
	default:
		return fmt.Errorf("there is no type %q", typ)
	}
	return nil
}

// name reads a member's name, which is good until the next token.
func (p *parser) name() ([]byte, error) {
	v, err := p.dec.ReadValue()
	if err != nil {
		return nil, p.syntax(err)
	}
	if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return inner, nil
	}
	p.tmp, err = jsontext.AppendUnquote(p.tmp[:0], v)
	return p.tmp, err
}

// same returns the name as text: as a rule the one that is known already.
func same(known string, name []byte) string {
	if known == string(name) {
		return known
	}
	return string(name)
}

func (p *parser) text(what string) (string, error) {
	if p.dec.PeekKind() != '"' {
		return "", fmt.Errorf("its %s is no text", what)
	}
	t, err := p.dec.ReadToken()
	if err != nil {
		return "", err
	}
	switch text := t.String(); text {
	case "RECORD":
		return "RECORD", nil
	default:
		return text, nil
	}
}

func (p *parser) object(what string) ([]byte, error) {
	if p.dec.PeekKind() != '{' {
		return nil, fmt.Errorf("its %s is no JSON object", what)
	}
	v, err := p.dec.ReadValue()
	p.value = append(p.value[:0], v...) // which the decoder may overwrite
	return p.value, err
}

// enter reads what begins an object.
func (p *parser) enter(what string) error {
	if p.dec.PeekKind() != '{' {
		return fmt.Errorf("its %s is no JSON object", what)
	}
	_, err := p.dec.ReadToken()
	return err
}

// record reads {"schema":{"table":{…}}}.
func (p *parser) record(into *Line) error {
	if err := p.enter("record"); err != nil {
		return err
	}
	if p.dec.PeekKind() != '"' {
		return errors.New("its record names no schema")
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	p.schema = same(p.schema, name)
	if err := p.enter("schema " + p.schema); err != nil {
		return err
	}
	if p.dec.PeekKind() != '"' {
		return errors.New("its record names no table")
	}
	if name, err = p.name(); err != nil {
		return err
	}
	p.table = same(p.table, name)
	into.Schema, into.Table = p.schema, p.table
	if into.Row, err = p.object("row"); err != nil {
		return err
	}
	for range 2 {
		if p.dec.PeekKind() != '}' {
			return errors.New("its record has more than one row")
		}
		if _, err := p.dec.ReadToken(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) log(into *Line) error {
	if err := p.enter("log"); err != nil {
		return err
	}
	for p.dec.PeekKind() == '"' {
		name, err := p.name()
		if err != nil {
			return err
		}
		switch string(name) {
		case "level":
			into.Level, err = p.text("level")
		case "message":
			into.Message, err = p.text("message")
		default:
			err = p.dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// replaced reads {"field":"value",…}.
func (p *parser) replaced(into *Line) error {
	if p.dec.PeekKind() != '{' {
		return errors.New("its secrets are not a JSON object")
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	into.Secrets = map[string]string{}
	for p.dec.PeekKind() == '"' {
		name, err := p.name()
		if err != nil {
			return err
		}
		field := string(name)
		value, err := p.dec.ReadValue()
		if err != nil {
			return err
		}
		if value.Kind() != '"' {
			into.Secrets[field] = string(value)
			continue
		}
		if p.tmp, err = jsontext.AppendUnquote(p.tmp[:0], value); err != nil {
			return err
		}
		into.Secrets[field] = string(p.tmp)
	}
	_, err := p.dec.ReadToken()
	return err
}

// end reads what ends the line.
func (p *parser) end() error {
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	if p.dec.PeekKind() != 0 {
		return errors.New("something follows its JSON object")
	}
	if _, err := p.dec.ReadToken(); err != io.EOF {
		return p.syntax(err)
	}
	return nil
}

// syntax says what is wrong with text that is no JSON. It quotes no character of
// a line that may hold secrets.
func (p *parser) syntax(err error) error {
	var s *jsontext.SyntacticError
	switch {
	case errors.As(err, &s) && p.secrets:
		return fmt.Errorf("it is no JSON, from byte %d on", s.ByteOffset+1)
	case s != nil:
		return fmt.Errorf("it is no JSON, from byte %d on: %w", s.ByteOffset+1, s.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is no JSON: it breaks off")
	}
	return err
}
