package config

// logicRules combines the rules of subschemas for the same value.
type logicRules struct {
	not                   *rule
	all, some, one        []*rule // allOf, anyOf, oneOf
	when, then, otherwise *rule   // if, then, else
}

func (l *logicRules) check(v visit) []failure {
	var failed []failure
	if l.not != nil && len(l.not.visit(v)) == 0 {
		failed = v.breaks("")
	}
	for _, r := range l.all {
		failed = append(failed, r.visit(v)...)
	}
	failed = append(failed, l.checkSome(v)...)
	failed = append(failed, l.checkOne(v)...)
	if l.when == nil {
		return failed
	}
	branch := l.then
	if len(l.when.visit(v)) > 0 {
		branch = l.otherwise
	}
	if branch != nil {
		failed = append(failed, branch.visit(v)...)
	}
	return failed
}

// checkSome returns the failures of every subschema of anyOf if the value obeys none.
func (l *logicRules) checkSome(v visit) []failure {
	var failed []failure
	for _, r := range l.some {
		broken := r.visit(v)
		if len(broken) == 0 {
			return nil
		}
		failed = append(failed, broken...)
	}
	return failed
}

// checkOne returns the failures of every subschema of oneOf if the value obeys none.
func (l *logicRules) checkOne(v visit) []failure {
	var failed []failure
	obeyed := false
	for _, r := range l.one {
		broken := r.visit(v)
		switch {
		case len(broken) > 0:
			failed = append(failed, broken...)
		case obeyed:
			return v.breaks("oneOf")
		default:
			obeyed = true
		}
	}
	if obeyed {
		return nil
	}
	return failed
}
