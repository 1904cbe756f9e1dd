package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A rule is a compiled schema: what one value of a configuration must obey. A field
// without a value does not restrict anything, so that the zero rule accepts everything.
type rule struct {
	never    bool     // the schema false
	types    []string // in the order of typeNames
	constant *string  // the key of the only value
	choices  *choices
	format   string
	ref      *rule // the target of $ref

	number numberRules
	text   textRules
	list   listRules
	object objectRules
	logic  logicRules
}

// choices holds the values of an enum.
type choices struct {
	keys  map[string]bool
	words string // for the message
}

func choicesOf(values []any) *choices {
	c := &choices{keys: map[string]bool{}}
	words := make([]string, len(values))
	for i, value := range values {
		c.keys[keyOf(value)] = true
		words[i] = fmt.Sprint(value)
	}
	c.words = strings.Join(words, ", ")
	return c
}

// A failure is a rule that a value breaks. It never contains the value.
type failure struct {
	location []string // the names and indexes that lead to the value
	text     string   // what the rule demands
	missing  bool     // the location is that of a required member that is absent
}

// A visit is one value on its way through the rules.
type visit struct {
	value    any
	location *step
	active   []*rule // the rules that are already checking this value
}

// check returns the rules that a value breaks. The value is of the kinds that jsonValue
// returns.
func (r *rule) check(value any) []failure { return r.visit(visit{value: value}) }

// visit returns the failures of one value and of the values within it. A value that has
// the wrong type, is not a choice or has the wrong format is not examined further.
func (r *rule) visit(v visit) []failure {
	if r.never || slices.Contains(v.active, r) { // it accepts nothing, or refers to itself
		return v.breaks("")
	}
	v.active = append(slices.Clip(v.active), r)
	switch {
	case len(r.types) > 0 && !r.hasType(v.value):
		return v.wants(strings.Join(r.types, " or "))
	case r.constant != nil && keyOf(v.value) != *r.constant:
		return v.breaks("const")
	case r.choices != nil && !r.choices.keys[keyOf(v.value)]:
		return v.wants("one of " + r.choices.words)
	}
	if text, ok := v.value.(string); ok && !hasFormat(text, r.format) {
		return v.wants("a valid " + r.format)
	}
	var failed []failure
	if r.ref != nil {
		failed = r.ref.visit(v)
	}
	switch value := v.value.(type) {
	case json.Number:
		failed = append(failed, r.number.check(v, value)...)
	case string:
		failed = append(failed, r.text.check(v, value)...)
	case []any:
		failed = append(failed, r.list.check(v, value)...)
	case map[string]any:
		failed = append(failed, r.object.check(v, value)...)
	}
	return append(failed, r.logic.check(v)...)
}

// hasType reports whether a value has one of the types of the rule.
func (r *rule) hasType(value any) bool {
	if slices.Contains(r.types, typeOf(value)) {
		return true
	}
	number, ok := value.(json.Number)
	return ok && slices.Contains(r.types, "integer") && isWhole(number)
}

// inside returns the visit of a member or an item.
func (v visit) inside(name string, value any) visit {
	return visit{value: value, location: &step{v.location, name}}
}

// wants returns the failure of a rule that demands something else than the value.
func (v visit) wants(what string) []failure { return v.fails("want " + what) }

// breaks returns the failure of a rule that has no better description than its keyword.
func (v visit) breaks(keyword string) []failure { return v.fails("breaks the rule " + keyword) }

func (v visit) fails(text string) []failure {
	return []failure{{location: v.location.names(), text: text}}
}

// A step leads from a value to one within it. A value has the steps of those around it.
type step struct {
	from *step
	name string
}

func (s *step) names() (names []string) {
	for ; s != nil; s = s.from {
		names = append(names, s.name)
	}
	slices.Reverse(names)
	return names
}
