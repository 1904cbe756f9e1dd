package jsonpath

import "strings"

// This file finds members whose names contain dots. A path that is written with dots
// does not show which dots are part of a name: "@odata.nextLink" is one name of two words.

// literal returns the steps of a path in the form that leads to a value, with some of
// its names joined by dots again. The shortest names take precedence. It reports false
// if there is no such form.
//
// Each object is searched at most once for each step of the path, because the names that
// lead to an object determine which steps remain.
func (d *Document) literal(p Path) ([]Step, bool) {
	if !p.dotted || len(p.steps) < 2 {
		return nil, false
	}
	return d.join(d.root, p.steps)
}

func (d *Document) join(from Span, steps []Step) (joined []Step, found bool) {
	if len(steps) == 0 {
		return nil, true
	}
	for n := 1; n <= len(steps) && !found; n++ {
		step, ok := joinSteps(steps[:n])
		if !ok {
			break
		}
		visit := func(child Span) bool {
			rest, ok := d.join(child, steps[n:])
			if ok {
				joined, found = append([]Step{step}, rest...), true
			}
			return !found
		}
		var err error
		switch d.Body[from.Start] {
		case '{':
			err = d.members(from, step, visit)
		case '[':
			if step.Wildcard() && d.Empty(from) {
				return steps, true
			}
			err = d.element(from, step, visit)
		}
		if err != nil {
			return nil, false
		}
	}
	return joined, found
}

// joinSteps returns the step for a name that consists of the names of steps. It reports
// false if one of several steps is a wildcard.
func joinSteps(steps []Step) (Step, bool) {
	if len(steps) == 1 {
		return steps[0], true
	}
	names := make([]string, len(steps))
	for i, s := range steps {
		if s.Wildcard() {
			return Step{}, false
		}
		names[i] = s.Name
	}
	return Step{Name: strings.Join(names, "."), kind: member}, true
}
