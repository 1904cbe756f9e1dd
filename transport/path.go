package transport

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A path leads to a value in a JSON text; see the package documentation.
type path struct {
	text  string
	steps []string
	// pointer tells that the path is a JSON Pointer, in which * is a name.
	pointer bool
	// none tells that a page is read for other things than records.
	none bool
}

// parsePath reads a path: names joined by dots, or a JSON Pointer (RFC 6901).
func parsePath(text string) (path, error) {
	p := path{text: text}
	if text == "" {
		return p, nil
	}
	if text[0] == '/' {
		p.pointer = true
		for tok := range jsontext.Pointer(text).Tokens() {
			p.steps = append(p.steps, tok)
		}
		if !jsontext.Pointer(text).IsValid() {
			return p, fmt.Errorf("path %q: not a JSON Pointer", text)
		}
		return p, nil
	}
	p.steps = strings.Split(strings.TrimPrefix(text, "$."), ".")
	for _, step := range p.steps {
		if step == "" {
			return p, fmt.Errorf("path %q: a name in it is empty", text)
		}
	}
	return p, nil
}

// many reports whether the path leads to any number of values.
func (p path) many() bool {
	if p.pointer {
		return false
	}
	for _, step := range p.steps {
		if step == "*" {
			return true
		}
	}
	return false
}

// A document is a JSON text whose outermost level has been looked through.
type document struct {
	body []byte
	root span
	top  []member
}

type member struct {
	name  []byte // quoted
	value span
}

// newDocument looks through a text, and reports one that breaks off or isn't
// JSON at its outermost level.
func newDocument(body []byte) (*document, error) {
	d := &document{body: body}
	i := skipSpace(body, 0)
	if i == len(body) {
		return nil, fmt.Errorf("%w: it is empty", ErrCut)
	}
	var end int
	var err error
	switch body[i] {
	case '{':
		end, err = members(body, i, func(name []byte, value span) bool {
			d.top = append(d.top, member{name, value})
			return true
		})
	default:
		end, err = skipValue(body, i)
		if c := body[i]; err == nil && c != '[' && !jsontext.Value(body[i:end]).IsValid() {
			err = fmt.Errorf("%w: it begins with %.20q", ErrNotJSON, body[i:])
		}
	}
	if err != nil {
		return nil, err
	}
	d.root = span{i, end}
	if i = skipSpace(body, end); i < len(body) {
		return nil, fmt.Errorf("%w: more text follows the value, at byte %d", ErrNotJSON, i)
	}
	return d, nil
}

// find returns the first value at a path.
func (d *document) find(p path) (value span, found bool, err error) {
	_, err = d.walk(d.root, p, 0, func(v span) bool {
		value, found = v, true
		return false
	})
	return value, found, err
}

// all returns every value at a path, and how many steps of it were found at
// most: len(p.steps) if the path leads anywhere, an empty list included.
func (d *document) all(p path) (values []span, depth int, err error) {
	depth, err = d.walk(d.root, p, 0, func(v span) bool {
		values = append(values, v)
		return true
	})
	return values, depth, err
}

// walk calls visit for each value at p.steps[n:] below at, until visit returns
// false. It returns how many steps were found.
func (d *document) walk(at span, p path, n int, visit func(span) bool) (depth int, err error) {
	if n == len(p.steps) {
		visit(at)
		return n, nil
	}
	step, wild := p.steps[n], p.steps[n] == "*" && !p.pointer
	depth = n
	stopped := false
	descend := func(v span) bool {
		var got int
		got, err = d.walk(v, p, n+1, func(v span) bool {
			stopped = !visit(v)
			return !stopped
		})
		depth = max(depth, got)
		return err == nil && !stopped
	}
	switch d.body[at.start] {
	case '{':
		if wild {
			depth = n + 1
		}
		match := func(name []byte, v span) bool {
			if wild {
				return descend(v)
			}
			if !nameIs(name, step) {
				return true
			}
			descend(v)
			return false
		}
		if at == d.root {
			for _, m := range d.top {
				if !match(m.name, m.value) {
					break
				}
			}
			return depth, err
		}
		if _, e := members(d.body, at.start, match); err == nil {
			err = e
		}
	case '[':
		if wild {
			depth = n + 1
			if emptyContainer(d.body, at) {
				// Nothing is missing where there is nothing.
				depth = len(p.steps)
			}
		}
		index := -1
		if !wild {
			if index, err = strconv.Atoi(step); err != nil || index < 0 || strconv.Itoa(index) != step {
				return depth, nil
			}
		}
		e := elements(d.body, at.start, func(v span) bool {
			if wild {
				return descend(v)
			}
			if index--; index >= 0 {
				return true
			}
			descend(v)
			return false
		})
		if err == nil {
			err = e
		}
	}
	return depth, err
}

func emptyContainer(b []byte, at span) bool {
	return skipSpace(b, at.start+1) == at.end-1
}

// nameIs reports whether a quoted name is name.
func nameIs(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if string(inner) == name {
		return true
	}
	for _, c := range inner {
		if c == '\\' {
			text, err := jsontext.AppendUnquote(nil, quoted)
			return err == nil && string(text) == name
		}
	}
	return false
}

// describe says what there is at a value, for an error that says what is
// missing: "an object with a, b" or "an array of 3".
func (d *document) describe(at span) string {
	const most = 12
	switch c := d.body[at.start]; c {
	case '{':
		var names []string
		_, _ = members(d.body, at.start, func(name []byte, _ span) bool {
			text, err := jsontext.AppendUnquote(nil, name)
			if err != nil {
				text = name
			}
			names = append(names, string(text))
			return len(names) <= most
		})
		if len(names) == 0 {
			return "an empty object"
		}
		if len(names) > most {
			names = append(names[:most], "...")
		}
		return "an object with the keys " + strings.Join(names, ", ")
	case '[':
		n := 0
		_ = elements(d.body, at.start, func(span) bool { n++; return true })
		return fmt.Sprintf("an array of %d", n)
	case '"':
		return "a string"
	case 't', 'f':
		return "a bool"
	case 'n':
		return "null"
	}
	return "a number"
}
