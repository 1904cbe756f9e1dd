package format

import (
	"strings"

	"github.com/penstock-sdk/penstock/internal/editdistance"
)

// isSimilar reports whether one name may be a misspelling of the other: they differ in
// case, in marks between words, in being singular and plural, or in a letter or two.
func isSimilar(a, b string) bool {
	a, b = plainName(a), plainName(b)
	most := 1
	switch n := min(len(a), len(b)); {
	case n < 3:
		most = 0
	case n > 7:
		most = 2
	}
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return false // without the cost of the comparison
	}
	return editdistance.Between(a, b) <= most
}

var nameMarks = strings.NewReplacer("_", "", "-", "", ".", "", ":", "")

// plainName returns a name in lower case, without marks and in singular.
func plainName(name string) string {
	name = nameMarks.Replace(strings.ToLower(name))
	if base, ok := strings.CutSuffix(name, "ies"); ok && base != "" {
		return base + "y"
	}
	if base, ok := strings.CutSuffix(name, "s"); ok && base != "" {
		return base
	}
	return name
}
