package config

import "github.com/penstock-sdk/penstock/internal/lazyregexp"

// readIdentity reads a keyword that gives a schema a name, or contains schemas that only
// references lead to.
func (r *ruleReader) readIdentity(k keyword) bool {
	switch k.name {
	case "$id":
		id := r.textOf(k, "uri-reference")
		if !idPattern().MatchString(id) {
			r.report(k.at, "want a uri-reference without a fragment")
		}
	case "$schema":
		r.textOf(k, "uri")
	case "$anchor", "$dynamicAnchor":
		if text, ok := r.text(k); ok && !anchorPattern().MatchString(text) {
			r.report(k.at, "want text that matches %s", anchorPattern())
		}
	case "$vocabulary":
		for _, member := range r.members(k) {
			r.flag(member)
		}
	case "$defs", "definitions":
		for _, member := range r.members(k) {
			r.subschema(member)
		}
	default:
		return false
	}
	return true
}

var (
	idPattern     = lazyregexp.New(`^[^#]*#?$`)
	anchorPattern = lazyregexp.New(`^[A-Za-z_][-A-Za-z0-9._]*$`)
)

// readAnnotation checks a keyword that no value can break.
func (r *ruleReader) readAnnotation(k keyword) bool {
	switch k.name {
	case "title", "description", "$comment", "contentEncoding", "contentMediaType":
		r.text(k)
	case "deprecated", "readOnly", "writeOnly":
		r.flag(k)
	case "examples":
		r.array(k)
	case "contentSchema":
		r.subschema(k)
	default:
		return false
	}
	return true
}
