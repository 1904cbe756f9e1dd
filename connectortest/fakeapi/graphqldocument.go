package fakeapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A document is a query that [GraphQL] accepts.
type document struct {
	name      string
	at        place
	variables []variable
	fields    []*selected
}

// A place is a position in the text of a query, counted from 1.
type place struct{ line, column int }

// A variable is declared by a query.
type variable struct {
	name      string
	at        place
	typ       string
	required  bool            // the type ends with !
	byDefault json.RawMessage // nil if there is none
}

// A selected is a field of a selection set.
type selected struct {
	name      string
	at        place
	arguments []argument
	fields    []*selected // nil if the field has no selection set
}

// An argument has a variable or a value.
type argument struct {
	name     string
	at       place
	variable string
	value    json.RawMessage
}

// parseDocument parses a query. Its errors explain which form is accepted.
func parseDocument(text string) (*document, error) {
	p := &queryParser{lexer: queryLexer{text: text, at: place{1, 1}}}
	p.next()
	doc := p.document()
	if p.err != nil {
		e := *p.err
		e.message = fmt.Sprintf("the query is malformed or not in the form that the fake API accepts, at line %d, column %d: %s", e.at.line, e.at.column, e.message)
		return nil, &e
	}
	return doc, nil
}

// A queryParser parses a query. After an error, it reads no further tokens.
type queryParser struct {
	lexer queryLexer
	token queryToken
	err   *graphqlError
}

func (p *queryParser) next() {
	if p.err == nil {
		p.token, p.err = p.lexer.next()
	}
}

func (p *queryParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &graphqlError{message: fmt.Sprintf(format, args...), at: p.token.at}
	}
}

// is reports whether the token is a punctuator or a keyword.
func (p *queryParser) is(text string) bool {
	return p.err == nil && p.token.text == text && p.token.kind != stringToken
}

// accept skips a token if it is a punctuator or a keyword, and reports whether it is.
func (p *queryParser) accept(text string) bool {
	if !p.is(text) {
		return false
	}
	p.next()
	return true
}

func (p *queryParser) expect(text string) {
	if !p.accept(text) {
		p.fail("want %s, not %s", text, p.token)
	}
}

func (p *queryParser) readName(what string) string {
	name := p.token.text
	if p.token.kind != nameToken {
		p.fail("want %s, not %s", what, p.token)
	}
	p.next()
	return name
}

func (p *queryParser) document() *document {
	doc := &document{at: p.token.at}
	switch {
	case p.is("mutation"), p.is("subscription"), p.is("fragment"):
		p.fail("it is a %s: want a query", p.token.text)
	case p.accept("query"):
		if p.token.kind == nameToken {
			doc.name = p.readName("a name")
		}
		if p.accept("(") {
			doc.variables = p.variables()
		}
	}
	doc.fields = p.selection("the query")
	if p.err == nil && p.token.kind != endToken {
		p.fail("want the end of the query, not %s: several operations and fragments are not supported", p.token)
	}
	return doc
}

func (p *queryParser) variables() (all []variable) {
	for p.err == nil && !p.accept(")") {
		v := variable{at: p.token.at}
		p.expect("$")
		v.name = p.readName("the name of a variable")
		p.expect(":")
		if p.is("[") {
			p.fail("the type of variable %s is a list, which is not supported", v.name)
		}
		v.typ = p.readName("a type")
		v.required = p.accept("!")
		if p.accept("=") {
			v.byDefault = p.value()
		}
		if slices.ContainsFunc(all, func(other variable) bool { return other.name == v.name }) {
			p.fail("the variable %s is declared twice", v.name)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		p.fail("the list of variables is empty")
	}
	return all
}

// selection parses a selection set.
func (p *queryParser) selection(of string) (all []*selected) {
	p.lexer.depth++
	defer func() { p.lexer.depth-- }()
	if p.lexer.depth > maxDepth {
		p.fail("selections are nested more than %d levels deep", maxDepth)
	}
	if !p.accept("{") {
		p.fail("want { and the fields of %s, not %s", of, p.token)
	}
	for p.err == nil && !p.accept("}") {
		if p.is("...") {
			p.fail("fragments are not supported")
		}
		f := &selected{at: p.token.at}
		f.name = p.readName("the name of a field")
		switch {
		case p.is(":"):
			p.fail("the field %s has an alias, which is not supported", f.name)
		case strings.HasPrefix(f.name, "__"):
			p.fail("introspection is not supported: %s", f.name)
		}
		if p.accept("(") {
			f.arguments = p.arguments(f.name)
		}
		if p.is("@") {
			p.fail("directives are not supported")
		}
		if p.is("{") {
			f.fields = p.selection(f.name)
		}
		if slices.ContainsFunc(all, func(other *selected) bool { return other.name == f.name }) {
			p.fail("the field %s is selected twice", f.name)
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		p.fail("the selection of %s is empty", of)
	}
	return all
}

func (p *queryParser) arguments(of string) (all []argument) {
	for p.err == nil && !p.accept(")") {
		a := argument{at: p.token.at}
		a.name = p.readName("the name of an argument")
		p.expect(":")
		if p.accept("$") {
			a.variable = p.readName("the name of a variable")
		} else {
			a.value = p.value()
		}
		if slices.ContainsFunc(all, func(other argument) bool { return other.name == a.name }) {
			p.fail("the argument %s occurs twice", a.name)
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		p.fail("the list of arguments of %s is empty", of)
	}
	return all
}

// value parses a value that is not a variable. It returns its JSON.
func (p *queryParser) value() (raw json.RawMessage) {
	t := p.token
	switch {
	case t.kind == stringToken:
		raw, _ = marshal(t.text) // a string always marshals
	case t.kind == numberToken, t.text == "true", t.text == "false", t.text == "null":
		raw = json.RawMessage(t.text)
	default:
		p.fail("want a string, a number, a boolean or null, not %s: lists, objects and enum values are not supported", t)
	}
	p.next()
	return raw
}
