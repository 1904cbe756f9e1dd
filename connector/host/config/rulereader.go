package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A ruleReader compiles a JSON Schema of draft 2020-12. It reports each keyword that has
// an invalid value, and each keyword that it would have to obey but does not know.
type ruleReader struct {
	document  any
	rules     map[string]*rule // by the JSON Pointer of their schema
	unreached bool             // no value reaches the schema, unless a reference elsewhere leads to it
	problems  []string
}

// compileRules returns the rules of a JSON Schema. Its error lists each mistake with its
// place, such as #/properties/size/minimum.
func compileRules(text []byte) (*rule, error) {
	document, err := jsonValue(text)
	if err != nil {
		return nil, err
	}
	reader := &ruleReader{document: document, rules: map[string]*rule{}}
	r := reader.schema(document, "", "")
	if len(reader.problems) > 0 {
		slices.Sort(reader.problems)
		return nil, errors.New(strings.Join(slices.Compact(reader.problems), "; "))
	}
	return r, nil
}

// schema compiles the schema at a JSON Pointer. The argument base is the pointer of the
// schema that references are relative to: the innermost one with an $id.
func (r *ruleReader) schema(value any, at, base string) *rule {
	if known, ok := r.rules[at]; ok && !r.unreached {
		return known
	}
	compiled := &rule{}
	if !r.unreached {
		r.rules[at] = compiled // before its keywords, which may refer to it
	}
	switch value := value.(type) {
	case bool:
		compiled.never = !value
	case map[string]any:
		if identifies(value) {
			base = at
		}
		before := r.unreached
		for _, name := range slices.Sorted(maps.Keys(value)) {
			r.unreached = before || isUnreached(name, value)
			r.read(compiled, keyword{name: name, value: value[name], at: at + "/" + escapePointer(name), base: base})
		}
		r.unreached = before
		r.checkDraft(value, at, base)
	default:
		r.report(at, "want a schema, which is an object, true or false")
	}
	return compiled
}

// isUnreached reports whether no value reaches the schemas in a keyword. They must be valid,
// but their references are followed only once another reference leads to them.
func isUnreached(name string, schema map[string]any) bool {
	condition, conditional := schema["if"]
	switch name {
	case "$defs", "definitions", "contentSchema":
		return true
	case "then":
		return !conditional || condition == false
	case "else":
		return !conditional || condition == true
	}
	return false
}

// identifies reports whether a schema has an $id that makes it the base of references.
func identifies(schema map[string]any) bool {
	id, _ := schema["$id"].(string)
	name, _, _ := strings.Cut(id, "#")
	return name != ""
}

// checkDraft reports a schema that follows another draft. Within a document, only a schema
// with an $id can do so.
func (r *ruleReader) checkDraft(schema map[string]any, at, base string) {
	draft, ok := schema["$schema"].(string)
	if !ok || at != base {
		return
	}
	draft = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(draft, "#"), "https://"), "http://")
	if draft != "json-schema.org/draft/2020-12/schema" && draft != "json-schema.org/schema" {
		r.report(at+"/$schema", "the keyword $schema is supported only for draft 2020-12")
	}
}

// report adds a mistake at a JSON Pointer.
func (r *ruleReader) report(at, problem string, args ...any) {
	r.problems = append(r.problems, "#"+at+": "+fmt.Sprintf(problem, args...))
}
