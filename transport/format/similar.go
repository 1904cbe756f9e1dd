package format

import "strings"

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
	return editDistance(a, b, most) <= most
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

// editDistance returns the number of letters to insert, delete, replace or swap with
// their neighbour that turn a into b. It returns a number above most for names whose
// lengths differ by more.
func editDistance(a, b string, most int) int {
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return most + 1
	}
	// Rows of the table of distances between the beginnings of a and b.
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
