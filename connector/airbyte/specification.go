package airbyte

import (
	"maps"
	"slices"
	"strings"

	"github.com/penstock-sdk/penstock/connector/host/config"
)

// connectionSpecification returns the JSON Schema of the configuration in the form
// that Airbyte understands: draft 7 with Airbyte's own keywords.
func connectionSpecification(form *config.Form) ([]byte, error) {
	encoded, err := form.Spec()
	if err != nil {
		return nil, err
	}
	places := map[string]place{}
	place{schema: decoded(encoded)}.addFields(places, "", form.Fields)
	return form.SpecWith(func(name string, f config.Field) map[string]any {
		if name == "" {
			return map[string]any{
				"$schema": "http://json-schema.org/draft-07/schema#", "title": "Configuration", "type": "object", "additionalProperties": true,
				"oneOf": nil, "anyOf": nil, "allOf": nil, // they could only combine lists of required fields
			}
		}
		return places[name].extend(name, f)
	})
}

// A place is where a field is in the JSON Schema of the configuration.
type place struct {
	schema map[string]any // of the field
	order  int            // among the fields of the object
	item   bool           // it is the item of a list or map
}

// addFields adds the places of the fields of an object by their names, as
// config.Form.SpecWith passes them.
func (p place) addFields(places map[string]place, prefix string, fields []config.Field) {
	properties, _ := p.schema["properties"].(map[string]any)
	for i, f := range fields {
		schema, _ := properties[f.Name].(map[string]any)
		place{schema: schema, order: i}.add(places, prefix+f.Name, f)
	}
}

// add adds the place of a field and those within it.
func (p place) add(places map[string]place, name string, f config.Field) {
	places[name] = p
	keyword := "items"
	switch f.Kind {
	case config.Object:
		p.addFields(places, name+".", f.Fields)
		return
	case config.Map:
		keyword = "additionalProperties"
	case config.List:
	default:
		return
	}
	if schema, ok := p.schema[keyword].(map[string]any); ok && f.Items != nil {
		place{schema: schema, item: true}.add(places, name+"[]", *f.Items)
	}
}

// extend returns the members to set in the schema of a field. A nil value removes a
// member.
func (p place) extend(name string, f config.Field) map[string]any {
	m := map[string]any{"x-rotates": nil}
	if f.Kind == config.JSON { // the Go type of the field supplies its own schema
		for keyword := range p.schema {
			m[keyword] = nil
		}
		maps.Copy(m, masked(p.schema).(map[string]any))
	}
	p.replaceCombinators(m, name, f)
	if !p.item {
		m["order"] = p.order
	}
	format, replaced := m["format"]
	if !replaced {
		format = p.schema["format"]
	}
	if text, _ := format.(string); !slices.Contains(formats, text) {
		m["format"] = nil
	}
	t := typeOf[f.Kind]
	if f.Kind == config.JSON {
		t, _ = m["type"].(string)
	}
	switch {
	case f.IsSecret():
		m["airbyte_secret"], m["writeOnly"], m["default"] = true, nil, nil
	case m["airbyte_secret"] == nil && (t == "string" || t == "integer" || t == "number") && looksSecret(name):
		m["airbyte_secret"] = false
	}
	return m
}

// formats holds the formats of draft 7.
var formats = []string{
	"date-time", "date", "time", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
	"uri", "uri-reference", "iri", "iri-reference", "uri-template", "json-pointer", "relative-json-pointer", "regex",
}

// typeOf maps kinds of fields to types of JSON.
var typeOf = map[config.Kind]string{
	config.Text: "string", config.Duration: "string", config.Time: "string", config.Bytes: "string",
	config.Integer: "integer", config.Number: "number", config.Bool: "boolean",
	config.List: "array", config.Map: "object", config.Object: "object",
}

// replaceCombinators adds the members that replace the combinators of the schema.
// Airbyte's form shows a combinator only if it is a choice of objects, and Airbyte does
// not mask a secret in any other.
func (p place) replaceCombinators(m map[string]any, name string, f config.Field) {
	for _, keyword := range []string{"oneOf", "anyOf", "allOf"} {
		variants, ok := p.schema[keyword].([]any)
		if !ok {
			continue
		}
		if keyword == "oneOf" && areObjects(variants) {
			m[keyword] = masked(variants)
			continue
		}
		m[keyword] = nil
		if value := nullable(variants); value != nil {
			maps.Copy(m, within(value, name, f))
		} else if t, ok := typeOf[f.Kind]; ok {
			m["type"] = t
		}
	}
}

// within returns a copy of the schema of a field, in which the schemas of the fields
// and items within it are extended. config.Form.SpecWith does not find them if they are
// below a combinator.
func within(schema map[string]any, name string, f config.Field) map[string]any {
	s := maps.Clone(schema)
	extend := func(p place, name string, f config.Field) map[string]any {
		inner := within(p.schema, name, f)
		maps.Copy(inner, p.extend(name, f))
		maps.DeleteFunc(inner, func(_ string, v any) bool { return v == nil })
		return inner
	}
	switch f.Kind {
	case config.Object:
		properties, _ := s["properties"].(map[string]any)
		for i, field := range f.Fields {
			if inner, ok := properties[field.Name].(map[string]any); ok {
				properties[field.Name] = extend(place{schema: inner, order: i}, name+"."+field.Name, field)
			}
		}
	case config.List, config.Map:
		keyword := map[config.Kind]string{config.List: "items", config.Map: "additionalProperties"}[f.Kind]
		if inner, ok := s[keyword].(map[string]any); ok && f.Items != nil {
			s[keyword] = extend(place{schema: inner, item: true}, name+"[]", *f.Items)
		}
	}
	return s
}

// areObjects reports whether every variant is an object with properties.
func areObjects(variants []any) bool {
	return !slices.ContainsFunc(variants, func(v any) bool {
		variant, _ := v.(map[string]any)
		_, ok := variant["properties"]
		return !ok
	})
}

// nullable returns the schema of the value if the variants are a value and null.
// Otherwise, it returns nil.
func nullable(variants []any) map[string]any {
	if len(variants) != 2 {
		return nil
	}
	for i, v := range variants {
		other, _ := variants[1-i].(map[string]any)
		if value, ok := v.(map[string]any); ok && other["type"] == "null" {
			return value
		}
	}
	return nil
}

// masked returns a copy of a schema, or of a part of one, in which Airbyte's keyword
// marks the secrets.
func masked(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = masked(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, value := range v {
			object[name] = masked(value)
		}
		if object["writeOnly"] == true && object["format"] == "password" {
			object["airbyte_secret"] = true
			delete(object, "writeOnly")
			delete(object, "format")
		}
		return object
	}
	return v
}

// looksSecret reports whether tools of Airbyte expect a secret in a field because of
// its name. Such a field must state that it is not a secret.
func looksSecret(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimRight(name, "[]")), "-", "_")
	return slices.ContainsFunc([]string{
		"key", "token", "secret", "password", "credentials", "certificate", "jwt", "service_account", "service_account_info", "serviceaccount", "serviceaccountinfo",
	}, func(end string) bool { return strings.HasSuffix(name, end) })
}
