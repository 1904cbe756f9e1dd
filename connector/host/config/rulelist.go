package config

import (
	"fmt"
	"strconv"
)

// listRules holds the rules of arrays.
type listRules struct {
	count     countRules
	unique    bool
	first     []*rule // prefixItems
	items     *rule   // of the items after those
	contains  *rule
	contained countRules // how many items must obey contains: at least one if there is no limit
}

func (l *listRules) check(v visit, items []any) []failure {
	var failed []failure
	if l.count.tooFew(len(items)) {
		failed = v.wants(fmt.Sprintf("at least %d items", l.count.least))
	}
	if l.count.tooMany(len(items)) {
		failed = append(failed, v.wants(fmt.Sprintf("at most %d items", l.count.most))...)
	}
	if l.unique && hasRepeated(items) {
		failed = append(failed, v.wants("items that are all different")...)
	}
	for i, item := range items {
		r := l.items
		if i < len(l.first) {
			r = l.first[i]
		}
		if r != nil {
			failed = append(failed, r.visit(v.inside(strconv.Itoa(i), item))...)
		}
	}
	return append(failed, l.checkContains(v, items)...)
}

// checkContains counts the items that obey contains. If they are too few, the failures of
// the other items say why.
func (l *listRules) checkContains(v visit, items []any) []failure {
	if l.contains == nil {
		return nil
	}
	var others, failed []failure
	obeying := 0
	for i, item := range items {
		broken := l.contains.visit(v.inside(strconv.Itoa(i), item))
		if len(broken) == 0 {
			obeying++
		}
		others = append(others, broken...)
	}
	switch {
	case l.contained.least == nil && obeying > 0, l.contained.least != nil && !l.contained.tooFew(obeying):
	case len(others) > 0:
		failed = others
	case l.contained.least == nil:
		failed = v.breaks("contains")
	default:
		failed = v.breaks("minContains")
	}
	if l.contained.tooMany(obeying) {
		failed = append(failed, v.breaks("maxContains")...)
	}
	return failed
}

// hasRepeated reports whether two items are equal.
func hasRepeated(items []any) bool {
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		key := keyOf(item)
		if seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}
