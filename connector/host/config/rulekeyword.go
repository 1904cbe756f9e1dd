package config

import (
	"encoding/json"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
)

// A keyword is a member of a schema.
type keyword struct {
	name  string
	value any
	at    string // its JSON Pointer
	base  string // as of ruleReader.schema
}

// inside returns a member or an item of the keyword's value.
func (k keyword) inside(name string, value any) keyword {
	return keyword{name: name, value: value, at: k.at + "/" + escapePointer(name), base: k.base}
}

// The methods below return the value of a keyword, or report that it is not valid.

func (r *ruleReader) text(k keyword) (text string, ok bool) {
	if text, ok = k.value.(string); !ok {
		r.report(k.at, "want a string")
	}
	return text, ok
}

// textOf returns text of a format.
func (r *ruleReader) textOf(k keyword, format string) string {
	text, ok := r.text(k)
	if ok && !hasFormat(text, format) {
		r.report(k.at, "want a valid %s", format)
	}
	return text
}

func (r *ruleReader) flag(k keyword) bool {
	flag, ok := k.value.(bool)
	if !ok {
		r.report(k.at, "want true or false")
	}
	return flag
}

func (r *ruleReader) number(k keyword) *big.Rat {
	text, ok := k.value.(json.Number)
	if ok {
		var number *big.Rat
		if number, ok = exact(text); ok {
			return number
		}
	}
	r.report(k.at, "want a number")
	return nil
}

func (r *ruleReader) count(k keyword) *big.Int {
	if text, ok := k.value.(json.Number); ok {
		if number, ok := exact(text); ok && number.IsInt() && number.Sign() >= 0 {
			return number.Num()
		}
	}
	r.report(k.at, "want a non-negative whole number")
	return nil
}

func (r *ruleReader) expression(k keyword) *regexp.Regexp {
	text, ok := r.text(k)
	if !ok {
		return nil
	}
	expression, err := regexp.Compile(text)
	if err != nil {
		r.report(k.at, "want a regular expression: %v", err)
	}
	return expression
}

func (r *ruleReader) array(k keyword) []any {
	items, ok := k.value.([]any)
	if !ok {
		r.report(k.at, "want an array")
	}
	return items
}

// names returns an array of strings that are all different.
func (r *ruleReader) names(k keyword) []string {
	items := r.array(k)
	names := make([]string, len(items))
	for i, item := range items {
		names[i], _ = r.text(k.inside(strconv.Itoa(i), item))
	}
	if hasRepeated(items) {
		r.report(k.at, "want items that are all different")
	}
	return names
}

// types returns the value of the keyword type.
func (r *ruleReader) types(k keyword) []string {
	var given, types []string
	if text, ok := k.value.(string); ok {
		given = []string{text}
	} else {
		given = r.names(k)
	}
	for _, name := range typeNames {
		if slices.Contains(given, name) {
			types = append(types, name)
		}
	}
	if len(types) == 0 || len(types) != len(given) {
		r.report(k.at, "want a type of JSON Schema, or an array of them")
	}
	return types
}

func (r *ruleReader) subschema(k keyword) *rule { return r.schema(k.value, k.at, k.base) }

// subschemas returns an array of schemas, of which there must be one.
func (r *ruleReader) subschemas(k keyword) []*rule {
	items := r.array(k)
	if len(items) == 0 {
		r.report(k.at, "want at least one schema")
	}
	rules := make([]*rule, len(items))
	for i, item := range items {
		rules[i] = r.subschema(k.inside(strconv.Itoa(i), item))
	}
	return rules
}

// members returns the members of an object in the order of their names.
func (r *ruleReader) members(k keyword) []keyword {
	object, ok := k.value.(map[string]any)
	if !ok {
		r.report(k.at, "want an object")
	}
	var members []keyword
	for _, name := range slices.Sorted(maps.Keys(object)) {
		members = append(members, k.inside(name, object[name]))
	}
	return members
}
