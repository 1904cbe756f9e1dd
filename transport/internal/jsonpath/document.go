package jsonpath

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
	"github.com/penstock-sdk/penstock/transport/internal/sentinel"
)

// A Document is a JSON text whose root has been scanned.
type Document struct {
	// Body is the text.
	Body []byte

	// MaxRecords is the largest number of records that Records returns, or 0 for any
	// number.
	MaxRecords int

	root    Span
	scanned *scannedList // nil if there is none
	top     []namedSpan  // the members of the root, if it is an object and has no more than maxTop
}

// maxTop is the number of members of the root up to which they are kept, so that each
// search need not scan the whole text. A member takes more memory than its text.
const maxTop = 4096

type namedSpan struct {
	name  []byte // quoted
	value Span
}

// NewDocument scans the root of a JSON text. The error wraps ErrCut if the text
// is truncated, and ErrNotJSON if it is not JSON.
func NewDocument(body []byte) (*Document, error) { return NewRecordsDocument(body, nil) }

// NewRecordsDocument is like NewDocument for a text whose records are at a path. It is faster
// than NewDocument and Records if the path leads to the root or to a member of it.
func NewRecordsDocument(body []byte, records *Path) (*Document, error) {
	d := &Document{Body: body}
	var steps []Step
	if records != nil {
		steps = records.steps
	}
	i := SkipSpace(body, 0)
	if i == len(body) {
		return nil, fmt.Errorf("%w: it is empty", sentinel.ErrCut)
	}
	var end int
	var err error
	switch body[i] {
	case '{':
		n := 0
		end, err = membersBy(func(name []byte, start int) (int, error) {
			if d.scanned == nil && len(steps) == 1 && start < len(body) && body[start] == '[' && !steps[0].Wildcard() && nameIs(name, steps[0]) {
				return d.skipRecords(start)
			}
			return skipValue(body, start)
		}, body, i, func(name []byte, value Span) bool {
			if n++; n <= maxTop {
				d.top = append(d.top, namedSpan{name, value})
			}
			return true
		})
		if n > maxTop {
			d.top = nil
		}
	case '[':
		if records != nil && len(steps) == 0 {
			end, err = d.skipRecords(i)
		} else {
			end, err = skipValue(body, i)
		}
	default:
		end, err = skipValue(body, i)
		if err == nil && !jsontext.Value(body[i:end]).IsValid() {
			err = fmt.Errorf("%w: it begins with %.20q", sentinel.ErrNotJSON, body[i:])
		}
	}
	if err != nil {
		return nil, err
	}
	d.root = Span{i, end}
	if i = SkipSpace(body, end); i < len(body) {
		return nil, fmt.Errorf("%w: more text follows the value, at byte %d", sentinel.ErrNotJSON, i)
	}
	return d, nil
}

// Find returns the first value at a path. If a path that is written with dots leads
// nowhere, names that contain dots are tried.
func (d *Document) Find(p Path) (value Span, found bool, err error) {
	if value, found, err = d.first(p.steps); found || err != nil {
		return value, found, err
	}
	if steps, ok := d.literal(p); ok {
		return d.first(steps)
	}
	return value, false, nil
}

// first returns the first value that the steps lead to.
func (d *Document) first(steps []Step) (value Span, found bool, err error) {
	_, err = d.walk(d.root, steps, func(v Span) bool {
		value, found = v, true
		return false
	})
	return value, found, err
}

// Missing returns an error that wraps ErrNoRecords and says how far the path
// leads and what the document has there.
func (d *Document) Missing(p Path) error {
	at, where, _ := d.Reach(p)
	return fmt.Errorf("%w %s: %s is %s%s", sentinel.ErrNoRecords, p, where, d.Describe(at), d.errorHint())
}

// errorHint returns a clause about a member that may report an error, or "".
func (d *Document) errorHint() (hint string) {
	if d.Body[d.root.Start] != '{' {
		return ""
	}
	d.Members(d.root, func(name string, v Span) bool {
		switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
		case "error", "errors", "err", "errormessage", "fault", "exception":
			if first := d.Body[v.Start]; (first == '"' || first == '{' || first == '[') && !d.Empty(v) {
				hint = fmt.Sprintf("; the member %s may report an error: to see it, set Request.ErrorAt", name)
			}
		}
		return hint == ""
	})
	return hint
}

// Reach returns the last value that a path leads to on its way, the name of that value
// for an error message, and the number of steps to it.
func (d *Document) Reach(p Path) (at Span, name string, steps int) {
	at, name = d.root, "the body"
	for n := 1; n <= len(p.steps); n++ {
		v, ok, err := d.first(p.steps[:n])
		if err != nil || !ok {
			break
		}
		at, steps = v, n
	}
	if steps > 0 {
		name = p.prefix(steps).names()
	}
	return at, name, steps
}

// Way returns the values that a path leads to on its way, up to its first wildcard,
// without the root.
func (d *Document) Way(p Path) []Span {
	steps := p.steps
	if joined, ok := d.literal(p); ok {
		steps = joined
	}
	var way []Span
	for n := 1; n <= len(steps) && !steps[n-1].Wildcard(); n++ {
		v, ok, err := d.first(steps[:n])
		if err != nil || !ok {
			break
		}
		way = append(way, v)
	}
	return way
}

// Root returns the span of the root.
func (d *Document) Root() Span { return d.root }

// Members calls visit for each member of the object at a span, until visit returns
// false. It skips names that are not valid, and ends at text that is not JSON.
func (d *Document) Members(object Span, visit func(name string, value Span) bool) {
	_ = d.eachMember(object, func(quoted []byte, v Span) bool {
		name, err := jsontext.AppendUnquote(nil, quoted)
		return err != nil || visit(string(name), v)
	})
}

// Elements calls visit for each element of the array at a span, until visit returns
// false. It ends at text that is not JSON.
func (d *Document) Elements(array Span, visit func(value Span) bool) {
	_, _ = elements(d.Body, array.Start, visit)
}

// memberName returns a name without its quotes.
func memberName(quoted []byte) string {
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		text = quoted
	}
	return string(text)
}

// walk calls visit for each value that the steps lead to from a value, until
// visit returns false. It returns how many steps were found at most, which is
// all of them if they lead to a value or to an empty list.
func (d *Document) walk(from Span, steps []Step, visit func(Span) bool) (depth int, err error) {
	if len(steps) == 0 {
		visit(from)
		return 0, nil
	}
	stopped := false
	// descend continues at a child. It returns whether to look at the next one.
	descend := func(child Span) bool {
		var found int
		found, err = d.walk(child, steps[1:], func(v Span) bool {
			stopped = !visit(v)
			return !stopped
		})
		depth = max(depth, 1+found)
		return err == nil && !stopped
	}
	switch d.Body[from.Start] {
	case '{':
		if steps[0].Wildcard() {
			depth = 1
		}
		if e := d.members(from, steps[0], descend); err == nil {
			err = e
		}
	case '[':
		if steps[0].Wildcard() {
			depth = 1
			if d.Empty(from) {
				depth = len(steps)
			}
		}
		if e := d.element(from, steps[0], descend); err == nil {
			err = e
		}
	}
	return depth, err
}

// members calls visit for the members of an object that a step leads to.
func (d *Document) members(object Span, step Step, visit func(Span) bool) error {
	match := func(name []byte, v Span) bool {
		if step.Wildcard() {
			return visit(v)
		}
		if !nameIs(name, step) {
			return true
		}
		visit(v)
		return false
	}
	return d.eachMember(object, match)
}

// eachMember calls visit for each member of an object with its quoted name.
func (d *Document) eachMember(object Span, visit func(name []byte, value Span) bool) error {
	if object == d.root && d.top != nil {
		for _, m := range d.top {
			if !visit(m.name, m.value) {
				break
			}
		}
		return nil
	}
	_, err := members(d.Body, object.Start, visit)
	return err
}

// element calls visit for the elements of an array that a step leads to.
func (d *Document) element(array Span, step Step, visit func(Span) bool) error {
	index, ok := step.Element()
	if !ok && !step.Wildcard() {
		return nil
	}
	_, err := elements(d.Body, array.Start, func(v Span) bool {
		if step.Wildcard() {
			return visit(v)
		}
		if index--; index >= 0 {
			return true
		}
		visit(v)
		return false
	})
	return err
}

const (
	// maxNameInError is the largest number of bytes of a member's name in an error.
	maxNameInError = 60
	// maxName is the largest number of bytes of a name that are decoded for an error.
	maxName = 10 * maxNameInError
)

// Empty reports whether the array or object at a span is empty.
func (d *Document) Empty(at Span) bool {
	return SkipSpace(d.Body, at.Start+1) == at.End-1
}

// nameIs reports whether a step leads to the member with a quoted name.
func nameIs(quoted []byte, step Step) bool {
	inner := quoted[1 : len(quoted)-1]
	if step.kind != element && string(inner) == step.Name {
		return true
	}
	for _, c := range inner {
		if c == '\\' {
			text, err := jsontext.AppendUnquote(nil, quoted)
			return err == nil && step.Member(string(text))
		}
	}
	return false
}

// Describe returns what a value is, for an error: "an object with the keys a,
// b" or "an array of 3".
func (d *Document) Describe(at Span) string {
	const most = 12
	switch c := d.Body[at.Start]; c {
	case '{':
		var names []string
		_, _ = members(d.Body, at.Start, func(name []byte, _ Span) bool {
			names = append(names, shorten.Line(memberName(name[:min(len(name), maxName)]), maxNameInError))
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
		_, _ = elements(d.Body, at.Start, func(Span) bool { n++; return true })
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
