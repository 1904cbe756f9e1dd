package jsonpath

import "github.com/go-json-experiment/json/jsontext"

// Find returns the first value at a path in a JSON text whose structure has been checked
// before, such as a record of a page. Unlike [NewDocument], it reads the text only up to
// the value.
func Find(text []byte, p Path) (value Span, found bool, err error) {
	if i := SkipSpace(text, 0); i < len(text) {
		// No value of the text is the root, so that walk scans the members.
		d := Document{Body: text, root: Span{-1, -1}}
		_, err = d.walk(Span{i, len(text)}, p.steps, func(v Span) bool {
			value, found = v, true
			return false
		})
	}
	if found || err != nil {
		return value, found, err
	}
	whole, err := NewDocument(text)
	if err != nil {
		return value, false, err
	}
	return whole.Find(p)
}

// Names returns the names of the members of a JSON object, or nil for any other value.
func Names(text []byte) (names []string) {
	i := SkipSpace(text, 0)
	if i == len(text) || text[i] != '{' {
		return nil
	}
	_, _ = members(text, i, func(quoted []byte, _ Span) bool {
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err == nil {
			names = append(names, string(name))
		}
		return true
	})
	return names
}
