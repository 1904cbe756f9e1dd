package config

import (
	"net/url"
	"strconv"
	"strings"
)

// reference compiles the schema that a $ref refers to.
func (r *ruleReader) reference(k keyword) *rule {
	ref, ok := r.text(k)
	if !ok {
		return nil
	}
	fragment, local := strings.CutPrefix(ref, "#")
	pointer, err := url.PathUnescape(fragment)
	switch {
	case err != nil || !isURIReference(ref):
		r.report(k.at, "want a valid uri-reference")
		return nil
	case r.unreached:
		return nil
	case !local && ref != "" || !isJSONPointer(pointer):
		r.report(k.at, "the keyword $ref is supported only within the document, as in #/$defs/name")
		return nil
	}
	target, at, base := r.document, "", ""
	for _, token := range strings.Split(k.base+pointer, "/")[1:] {
		name := strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		if target, ok = memberOf(target, name); !ok {
			r.report(k.at, "the document has no schema at %s", ref)
			return nil
		}
		at += "/" + escapePointer(name)
		if schema, ok := target.(map[string]any); ok && identifies(schema) {
			base = at
		}
	}
	return r.schema(target, at, base)
}

// memberOf returns a member of an object or an item of an array.
func memberOf(value any, name string) (any, bool) {
	switch value := value.(type) {
	case map[string]any:
		found, ok := value[name]
		return found, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(value) {
			return value[i], true
		}
	}
	return nil, false
}

// escapePointer returns a name as a part of a JSON Pointer.
func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
