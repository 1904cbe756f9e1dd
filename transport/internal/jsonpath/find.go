package jsonpath

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/penstock-sdk/penstock/internal/shorten"
)

// Find returns the first value at a path in a JSON text whose structure has been checked
// before, such as a record of a page. It is faster than [NewDocument] for a value that it
// finds, because it reads the text only up to there.
func Find(text []byte, p Path) (value Span, found bool, err error) {
	value, found, err = findInObjects(text, p.steps)
	if found || err != nil {
		return value, found, err
	}
	whole, err := NewDocument(text)
	if err != nil {
		return value, false, err
	}
	return whole.Find(p)
}

// findInObjects follows the steps through objects. It finds nothing if it meets an array or a
// wildcard, which are rare in the paths to keys.
func findInObjects(text []byte, steps []Step) (value Span, found bool, err error) {
	value = Span{SkipSpace(text, 0), len(text)}
	for _, step := range steps {
		if value.Start == len(text) || text[value.Start] != '{' || step.Wildcard() {
			return Span{}, false, nil
		}
		found = false
		_, err = members(text, value.Start, func(name []byte, v Span) bool {
			if found = nameIs(name, step); found {
				value = v
			}
			return !found
		})
		if !found || err != nil {
			return Span{}, false, err
		}
	}
	return value, found, nil
}

// maxNames is the largest number of names that Names returns.
const maxNames = 100

// Names returns the names of the first members of a JSON object, shortened, for an error.
// It returns nil for any other value.
func Names(text []byte) (names []string) {
	i := SkipSpace(text, 0)
	if i == len(text) || text[i] != '{' {
		return nil
	}
	_, _ = members(text, i, func(quoted []byte, _ Span) bool {
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err == nil {
			names = append(names, shorten.Line(name, maxNameInError))
		}
		return len(names) < maxNames
	})
	return names
}
