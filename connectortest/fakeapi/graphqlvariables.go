package fakeapi

import (
	"encoding/json"
	"strconv"
)

// values returns the values of the variables of a query.
func (d *document) values(given map[string]json.RawMessage) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for _, v := range d.variables {
		raw, ok := given[v.name]
		if !ok {
			raw = v.byDefault
		}
		null := len(raw) == 0 || raw[0] == 'n'
		switch {
		case null && v.required:
			return nil, invalidQuery(v.at, "the variable $%s of type %s! has no value", v.name, v.typ)
		case !null && !v.accepts(raw):
			return nil, invalidQuery(v.at, "the variable $%s of type %s has the value %s", v.name, v.typ, raw)
		}
		all[v.name] = raw
	}
	for name := range given {
		if _, ok := all[name]; !ok {
			return nil, invalidQuery(place{}, "the query does not declare the variable %s", strconv.Quote(name))
		}
	}
	return all, d.checkUse(all)
}

// checkUse reports variables that are used but not declared, or declared but not used.
func (d *document) checkUse(declared map[string]json.RawMessage) error {
	used := map[string]bool{}
	var walk func(fields []*selected) error
	walk = func(fields []*selected) error {
		for _, f := range fields {
			for _, a := range f.arguments {
				if _, ok := declared[a.variable]; a.variable != "" && !ok {
					return invalidQuery(a.at, "the query does not declare the variable %s", strconv.Quote(a.variable))
				}
				used[a.variable] = true
			}
			if err := walk(f.fields); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(d.fields); err != nil {
		return err
	}
	for _, v := range d.variables {
		if !used[v.name] {
			return invalidQuery(v.at, "the variable $%s is not used", v.name)
		}
	}
	return nil
}

// accepts reports whether a value that is not null has the type of a variable. Types
// other than those of the language are scalars of the API, which accept every scalar.
func (v variable) accepts(raw json.RawMessage) bool {
	text, number := raw[0] == '"', raw[0] == '-' || isDigit(raw[0])
	switch v.typ {
	case "Int":
		return isInt(raw)
	case "Float":
		return number
	case "String":
		return text
	case "ID":
		return text || isInt(raw)
	case "Boolean":
		return raw[0] == 't' || raw[0] == 'f'
	}
	return raw[0] != '{' && raw[0] != '['
}

// isInt reports whether JSON is an Int of GraphQL: 32 bits, without fraction and
// exponent.
func isInt(raw json.RawMessage) bool {
	_, err := strconv.ParseInt(string(raw), 10, 32)
	return err == nil
}
