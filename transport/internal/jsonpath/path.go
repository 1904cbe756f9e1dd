// Package jsonpath finds values in JSON text by their path, without decoding
// the text. Package transport documents the syntax of paths.
package jsonpath

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A Path leads from the root of a JSON text to a value, or, if it has a
// wildcard, to any number of values. The zero Path leads to the root.
type Path struct {
	text   string
	steps  []Step
	dotted bool // written with dots
}

// A Step leads from an object to a member or from an array to an element.
type Step struct {
	// Name is the name of the member. If index is a digit string as well, the
	// step also leads to that element of an array.
	Name string

	kind kind
}

type kind uint8

const (
	either   kind = iota // a member, or an element if the name is an index
	member               // a member only
	element              // an element only
	wildcard             // every member and every element
)

// Wildcard reports whether the step leads to every member or element.
func (s Step) Wildcard() bool { return s.kind == wildcard }

// Member reports whether the step leads to the member with the given name.
func (s Step) Member(name string) bool {
	return s.kind == wildcard || s.kind != element && s.Name == name
}

// Element returns the index of the element that the step leads to, and false
// if it does not lead to a single element.
func (s Step) Element() (int, bool) {
	if s.kind == member || s.kind == wildcard {
		return 0, false
	}
	i, err := strconv.Atoi(s.Name)
	return i, err == nil && i >= 0 && strconv.Itoa(i) == s.Name
}

// Parse parses a path: names joined by dots, a JSON Pointer (RFC 6901), or the
// names, indexes and wildcards of a JSONPath query (RFC 9535).
func Parse(text string) (Path, error) {
	p := Path{text: text}
	var err error
	switch {
	case text == "":
	case text[0] == '/':
		p.steps, err = parsePointer(text)
	case text == "$", strings.HasPrefix(text, "$."), strings.HasPrefix(text, "$["):
		p.steps, err = parseQuery(text[1:])
	default:
		p.dotted = true
		p.steps, err = parseDotted(text)
	}
	if err != nil {
		return p, fmt.Errorf("path %q: %w", text, err)
	}
	return p, nil
}

// Many reports whether the path leads to any number of values.
func (p Path) Many() bool {
	for _, s := range p.steps {
		if s.Wildcard() {
			return true
		}
	}
	return false
}

// Steps returns the steps of the path. They must not be changed.
func (p Path) Steps() []Step { return p.steps }

// String returns the path for an error message.
func (p Path) String() string {
	if p.text == "" {
		return `"" (the body itself)`
	}
	return fmt.Sprintf("%q", p.text)
}

// prefix returns the path that consists of the first n steps.
func (p Path) prefix(n int) Path { return Path{steps: p.steps[:n]} }

// names returns the names of the steps, joined by dots.
func (p Path) names() string {
	names := make([]string, len(p.steps))
	for i, s := range p.steps {
		names[i] = s.Name
	}
	return strings.Join(names, ".")
}

func parsePointer(text string) ([]Step, error) {
	pointer := jsontext.Pointer(text)
	if !pointer.IsValid() {
		return nil, fmt.Errorf("not a valid JSON Pointer (RFC 6901)")
	}
	var steps []Step
	for name := range pointer.Tokens() {
		steps = append(steps, Step{Name: name})
	}
	return steps, nil
}

func parseDotted(text string) ([]Step, error) {
	var steps []Step
	for _, name := range strings.Split(text, ".") {
		if name == "" {
			return nil, fmt.Errorf("a name between the dots is empty")
		}
		steps = append(steps, named(name))
	}
	return steps, nil
}

// named returns the step for a name that is written without quotes.
func named(name string) Step {
	if name == "*" {
		return Step{Name: name, kind: wildcard}
	}
	return Step{Name: name}
}

// parseQuery parses a JSONPath query after its $. It accepts only child
// segments with one selector (RFC 9535), which is a name, an index from 0, or a
// wildcard. Names after a dot may hold any character but a dot and an opening
// bracket.
func parseQuery(s string) ([]Step, error) {
	var steps []Step
	for s != "" {
		var step Step
		var err error
		switch {
		case strings.HasPrefix(s, ".."):
			return nil, fmt.Errorf("descendant segments (..) are not supported")
		case s[0] == '.':
			end := strings.IndexAny(s[1:], ".[") + 1
			if end == 0 {
				end = len(s)
			}
			if end == 1 {
				return nil, fmt.Errorf("a name after a dot is empty")
			}
			step, s = named(s[1:end]), s[end:]
		case s[0] == '[':
			if step, s, err = parseSelector(strings.TrimLeft(s[1:], " \t\r\n")); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("%.20q follows a closing bracket: a dot is missing", s)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// parseSelector parses a selector and the bracket after it, and returns the
// text that follows.
func parseSelector(s string) (step Step, rest string, err error) {
	switch {
	case s == "":
		return Step{}, "", fmt.Errorf("a bracket is not closed")
	case s[0] == '\'' || s[0] == '"':
		step.kind = member
		if step.Name, rest, err = unquote(s); err != nil {
			return Step{}, "", err
		}
	default:
		end := strings.IndexAny(s, "], \t\r\n")
		if end < 0 {
			return Step{}, "", fmt.Errorf("a bracket is not closed")
		}
		step, rest = named(s[:end]), s[end:]
		if !step.Wildcard() {
			step.kind = element
			if _, ok := step.Element(); !ok {
				return Step{}, "", fmt.Errorf("[%.20s]: only a quoted name, an index from 0, and * are supported in brackets", s[:end])
			}
		}
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	switch {
	case strings.HasPrefix(rest, "]"):
		return step, rest[1:], nil
	case strings.HasPrefix(rest, ","):
		return Step{}, "", fmt.Errorf("several selectors in a bracket are not supported")
	}
	return Step{}, "", fmt.Errorf("a bracket is not closed")
}

// unquote returns the name that s begins with, in single or double quotes, and
// the text after it (RFC 9535 §2.3.1).
func unquote(s string) (name, rest string, err error) {
	quote := s[0]
	literal := []byte{'"'}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			text, err := jsontext.AppendUnquote(nil, append(literal, '"'))
			if err != nil {
				return "", "", fmt.Errorf("the name %.40s is not valid: %w", s[:i+1], err)
			}
			return string(text), s[i+1:], nil
		case c == '\\' && i+1 < len(s):
			i++
			if s[i] == '\'' && quote == '\'' {
				literal = append(literal, '\'')
				continue
			}
			literal = append(literal, c, s[i])
		case c == '"': // within single quotes
			literal = append(literal, '\\', '"')
		default:
			literal = append(literal, c)
		}
	}
	return "", "", fmt.Errorf("a quote in a bracket is not closed")
}
