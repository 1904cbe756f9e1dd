package stdin

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A parser decodes one line after another and reuses its memory.
type parser struct {
	in      bytes.Buffer
	dec     jsontext.Decoder
	tmp     []byte
	row     []byte
	rowEnd  int // the position after the row in the line
	state   []byte
	secrets bool // the line may hold secrets
	starts  recordStarts
	// of the previous line, which usually are the same
	schema, table string
}

// begin reads the beginning of a line's object.
func (p *parser) begin(text []byte) error {
	p.in.Reset()
	p.in.Write(text)
	// The code that decodes the row detects duplicate members.
	p.dec.Reset(&p.in, jsontext.AllowDuplicateNames(true))
	p.secrets = false
	if p.dec.PeekKind() != '{' {
		return errors.New("it is not a JSON object")
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	return nil
}

// parse decodes a line. The result may refer to the line's text.
func (p *parser) parse(text []byte, into *Line) error {
	if p.starts.parse(text, into) {
		return nil
	}
	*into = Line{}
	if err := p.begin(text); err != nil {
		return err
	}
	var typ, op string
	var inner Line // the members, in any order
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
			inner.State, err = p.object("state", &p.state)
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
	if err := into.take(typ, op, &inner); err != nil {
		return err
	}
	if into.Kind == Record {
		p.starts.learn(text, into, p.rowEnd)
	}
	return nil
}

// typeOf returns the type of a line, or "" if it has none. It is an error if the
// line is not one JSON object.
func (p *parser) typeOf(text []byte) (typ string, err error) {
	if err := p.begin(text); err != nil {
		return "", err
	}
	for p.dec.PeekKind() == '"' {
		name, err := p.name()
		if err != nil {
			return "", err
		}
		switch isType := string(name) == "type"; {
		case isType && p.dec.PeekKind() == '"':
			typ, err = p.text("type")
			p.secrets = p.secrets || typ == "SECRETS"
		default:
			p.secrets = p.secrets || string(name) == "secrets"
			err = p.dec.SkipValue()
		}
		if err != nil {
			return "", p.syntax(err)
		}
	}
	return typ, p.end()
}

// name reads the name of a member. It is valid until the next token is read.
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

// same returns the name as a string. It does not allocate if the name is known.
func same(known string, name []byte) string {
	if known == string(name) {
		return known
	}
	return string(name)
}

// text reads a string. The argument what names it in errors.
func (p *parser) text(what string) (string, error) {
	if p.dec.PeekKind() != '"' {
		return "", fmt.Errorf("its %s is not a string", what)
	}
	t, err := p.dec.ReadToken()
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// object reads a JSON object into a buffer, because the decoder may overwrite it. The
// argument what names it in errors.
func (p *parser) object(what string, into *[]byte) ([]byte, error) {
	if p.dec.PeekKind() != '{' {
		return nil, fmt.Errorf("its %s is not a JSON object", what)
	}
	v, err := p.dec.ReadValue()
	*into = append((*into)[:0], v...)
	return *into, err
}

// enter reads the beginning of a JSON object. The argument what names it in
// errors.
func (p *parser) enter(what string) error {
	if p.dec.PeekKind() != '{' {
		return fmt.Errorf("its %s is not a JSON object", what)
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
	if into.Row, err = p.object("row", &p.row); err != nil {
		return err
	}
	p.rowEnd = int(p.dec.InputOffset())
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

// log reads {"level":"…","message":"…"}.
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

// end reads the end of a line's object. Nothing may follow it.
func (p *parser) end() error {
	if _, err := p.dec.ReadToken(); err != nil {
		return p.syntax(err)
	}
	if p.dec.PeekKind() != 0 {
		return errors.New("text follows its JSON object")
	}
	if _, err := p.dec.ReadToken(); err != io.EOF {
		return p.syntax(err)
	}
	return nil
}

// syntax turns the error for text that is not valid JSON into one that names the
// byte, counted from 1. It does not quote any character of a line that may hold
// secrets.
func (p *parser) syntax(err error) error {
	var s *jsontext.SyntacticError
	switch {
	case errors.As(err, &s) && p.secrets:
		return fmt.Errorf("it is not valid JSON at byte %d", s.ByteOffset+1)
	case s != nil:
		return fmt.Errorf("it is not valid JSON at byte %d: %w", s.ByteOffset+1, s.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is not valid JSON: it is incomplete")
	}
	return err
}
