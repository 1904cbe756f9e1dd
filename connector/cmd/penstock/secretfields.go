package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/internal/secretname"
)

// secretMarks are the members with which a JSON Schema says that a field is secret: those
// of the protocol, and those of other platforms.
var secretMarks = []string{"writeOnly", "x-rotates", "airbyte_secret", "sensitive", "secret", "x-secret", "x-sensitive"}

// isSecret reports whether a JSON Schema says that its value is secret.
func isSecret(schema map[string]any) bool {
	format, _ := schema["format"].(string)
	return strings.EqualFold(format, "password") ||
		slices.ContainsFunc(secretMarks, func(mark string) bool { return schema[mark] == true })
}

// secretFields returns the values of the fields that a connector's spec calls secret, by
// the dotted names of the fields. If the connector has no spec that lists fields, a field
// is secret if its name is one that secrets usually have.
func secretFields(spec []byte, configuration map[string]string) map[string][]string {
	f := fieldFinder{found: map[string][]string{}}
	var root map[string]any
	_ = json.Unmarshal(spec, &root) // a spec that is not an object lists no fields
	// Answers of other protocols hold the schema in a member.
	for _, name := range []string{"spec", "connectionSpecification"} {
		if inner, ok := root[name].(map[string]any); ok && root["properties"] == nil {
			root = inner
		}
	}
	f.root = root
	members := map[string]any{}
	for name, value := range configuration {
		members[name] = value
	}
	describes := func(name string) bool { return root[name] != nil }
	if !slices.ContainsFunc([]string{"properties", "$ref", "oneOf", "anyOf", "allOf"}, describes) {
		f.byName(members, "", false)
	} else {
		f.walk(root, members, "", 0)
	}
	return f.found
}

// likelySecret is the length in bytes from which a value counts as a secret before the spec
// is known. Shorter ones occur in text by chance.
const likelySecret = 8

// everyField returns the values of a configuration that may be secret, by the names of the
// fields. It is for the time when the spec is not known.
func everyField(configuration map[string]string) map[string][]string {
	f := fieldFinder{found: map[string][]string{}}
	for name, value := range configuration {
		if len(value) >= likelySecret || hasSecretName(name) {
			f.add(value, name)
		}
	}
	return f.found
}

// A fieldFinder collects the values of secret fields.
type fieldFinder struct {
	root  any
	found map[string][]string
	steps int
}

// A JSON Schema may refer to itself. The search ends at the depth deepest, and after mostSteps
// schemas.
const (
	deepest   = 50
	mostSteps = 100_000
)

// walk goes through the part of a configuration that a JSON Schema describes.
func (f *fieldFinder) walk(schema, value any, field string, depth int) {
	s, _ := schema.(map[string]any)
	if f.steps++; depth > deepest || f.steps > mostSteps || s == nil {
		return
	}
	if isSecret(s) {
		f.add(value, field) // with all that is in it
		return
	}
	if reference, ok := s["$ref"].(string); ok {
		f.walk(f.resolve(reference), value, field, depth+1)
	}
	for _, name := range []string{"oneOf", "anyOf", "allOf"} {
		choices, _ := s[name].([]any)
		for _, choice := range choices {
			f.walk(choice, value, field, depth+1)
		}
	}
	for _, name := range []string{"then", "else"} {
		f.walk(s[name], value, field, depth+1)
	}
	switch v := opened(value).(type) {
	case map[string]any:
		properties, _ := s["properties"].(map[string]any)
		patterns, _ := s["patternProperties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			of := strings.TrimPrefix(field+"."+name, ".")
			if property, ok := properties[name]; ok {
				f.walk(property, v[name], of, depth+1)
				continue
			}
			f.walk(s["additionalProperties"], v[name], of, depth+1)
			for _, pattern := range patterns {
				f.walk(pattern, v[name], of, depth+1)
			}
		}
	case []any:
		prefix, _ := s["prefixItems"].([]any)
		if items, ok := s["items"].([]any); ok {
			prefix = items
		}
		for i, item := range v {
			schema := s["items"]
			if i < len(prefix) {
				schema = prefix[i]
			}
			f.walk(schema, item, field, depth+1)
		}
	}
}

// hasSecretName reports whether secrets usually have a name, including short names such as
// token.
func hasSecretName(name string) bool { return secretname.Field(name) || secretname.Parameter(name) }

// byName goes through a configuration without a spec.
func (f *fieldFinder) byName(members map[string]any, within string, secret bool) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		of, value := strings.TrimPrefix(within+"."+name, "."), members[name]
		secret := secret || hasSecretName(name)
		if secret {
			f.add(value, of)
		}
		if inner, ok := opened(value).(map[string]any); ok {
			f.byName(inner, of, secret)
		}
	}
}

// opened returns the object or list that a text holds. Platforms send objects as text. Any
// other value is returned unchanged.
func opened(value any) any {
	text, ok := value.(string)
	if trimmed := strings.TrimSpace(text); !ok || !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") {
		return value
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var inner any
	if dec.Decode(&inner) != nil {
		return value
	}
	return inner
}

// add adds the texts of a value.
func (f *fieldFinder) add(value any, field string) {
	switch v := value.(type) {
	case string:
		if v != "" && !slices.Contains(f.found[field], v) {
			f.found[field] = append(f.found[field], v)
		}
		if inner := opened(v); inner != any(v) {
			f.add(inner, field)
		}
	case json.Number:
		f.add(v.String(), field)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			f.add(v[name], field)
		}
	case []any:
		for _, item := range v {
			f.add(item, field)
		}
	}
}

// resolve returns the part of the spec that a reference such as #/$defs/key names, or nil.
func (f *fieldFinder) resolve(reference string) any {
	path, ok := strings.CutPrefix(reference, "#")
	at := f.root
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		switch v := at.(type) {
		case map[string]any:
			if part != "" {
				at = v[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	if !ok {
		return nil
	}
	return at
}

// locate returns the first place within a JSON value where contains holds, such as
// orders.cursor. If that is the name of a member, the place is the object that has it.
func locate(value any, contains func(text string) bool) (place string, found bool) {
	within := func(name string, inner any) bool {
		if place, found = locate(inner, contains); found {
			place = strings.TrimSuffix(name+"."+place, ".")
		}
		return found
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if contains(name) {
				return "", true
			}
			if within(name, v[name]) {
				return place, true
			}
		}
	case []any:
		for i, item := range v {
			if within(strconv.Itoa(i), item) {
				return place, true
			}
		}
	case string:
		return "", contains(v)
	}
	return "", false
}
