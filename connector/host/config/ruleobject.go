package config

import (
	"maps"
	"regexp"
	"slices"
)

// objectRules holds the rules of objects.
type objectRules struct {
	count      countRules
	required   []string
	properties map[string]*rule
	patterns   []patternRule
	additional *rule
	closed     bool // additionalProperties is false
	names      *rule
	dependents []dependentRule
}

// A patternRule is the rule of the members whose names match an expression.
type patternRule struct {
	names *regexp.Regexp
	rule  *rule
}

// A dependentRule is what an object must obey if it has a member.
type dependentRule struct {
	keyword, member string
	required        []string
	rule            *rule
}

func (o *objectRules) check(v visit, object map[string]any) []failure {
	failed := o.checkRequired(v, object)
	if o.count.tooFew(len(object)) {
		failed = append(failed, v.breaks("minProperties")...)
	}
	if o.count.tooMany(len(object)) {
		failed = append(failed, v.breaks("maxProperties")...)
	}
	names := slices.Sorted(maps.Keys(object))
	extra := false
	for _, name := range names {
		known := false
		if r, ok := o.properties[name]; ok {
			known, failed = true, append(failed, r.visit(v.inside(name, object[name]))...)
		}
		for _, p := range o.patterns {
			if p.names.MatchString(name) {
				known, failed = true, append(failed, p.rule.visit(v.inside(name, object[name]))...)
			}
		}
		switch {
		case known:
		case o.closed:
			extra = true
		case o.additional != nil:
			failed = append(failed, o.additional.visit(v.inside(name, object[name]))...)
		}
	}
	if extra {
		failed = append(failed, v.breaks("additionalProperties")...)
	}
	if o.names != nil {
		for _, name := range names { // a name has no place in the configuration
			failed = append(failed, o.names.check(name)...)
		}
	}
	return append(failed, o.checkDependents(v, object)...)
}

// checkRequired returns a failure for each required member that is absent.
func (o *objectRules) checkRequired(v visit, object map[string]any) []failure {
	var failed []failure
	for _, name := range o.required {
		if _, ok := object[name]; !ok {
			failed = append(failed, failure{location: v.inside(name, nil).location.names(), text: "is required", missing: true})
		}
	}
	return failed
}

func (o *objectRules) checkDependents(v visit, object map[string]any) []failure {
	var failed []failure
	for _, d := range o.dependents {
		if _, ok := object[d.member]; !ok {
			continue
		}
		if d.rule != nil {
			failed = append(failed, d.rule.visit(v)...)
		}
		if slices.ContainsFunc(d.required, func(name string) bool { _, ok := object[name]; return !ok }) {
			failed = append(failed, v.breaks(d.keyword+"/"+d.member)...)
		}
	}
	return failed
}
