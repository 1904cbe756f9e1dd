package config

import (
	"fmt"
	"math/big"
	"regexp"
	"unicode/utf8"
)

// textRules holds the rules of strings.
type textRules struct {
	length  countRules // in code points
	pattern *regexp.Regexp
}

func (t *textRules) check(v visit, text string) []failure {
	var failed []failure
	length := utf8.RuneCountInString(text)
	switch {
	case !t.length.tooFew(length):
	case t.length.least.Cmp(big.NewInt(1)) == 0:
		failed = v.fails("is required")
	default:
		failed = v.wants(fmt.Sprintf("at least %d characters", t.length.least))
	}
	if t.length.tooMany(length) {
		failed = append(failed, v.wants(fmt.Sprintf("at most %d characters", t.length.most))...)
	}
	if t.pattern != nil && !t.pattern.MatchString(text) {
		failed = append(failed, v.wants("text that matches "+t.pattern.String())...)
	}
	return failed
}
