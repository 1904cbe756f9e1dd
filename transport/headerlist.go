package transport

import (
	"slices"
	"strings"
)

// listOf returns the elements of a header whose value is a list (RFC 9110 §5.6.1), at most
// maxQuotas. The comma of an HTTP date, after the day of the week, divides no elements.
func listOf(lines []string) (elements []string) {
	day := ""
	for _, line := range lines {
		for e := range strings.SplitSeq(line, ",") {
			e = strings.TrimSpace(e)
			switch {
			case day != "":
				e, day = day+", "+e, ""
			case len(e) >= 3 && strings.HasSuffix(e, "day"), slices.Contains(days, e):
				day = e
				continue
			case e == "":
				continue
			}
			if len(elements) == maxQuotas {
				return elements
			}
			elements = append(elements, e)
		}
		if day != "" {
			elements, day = append(elements, day), ""
		}
	}
	return elements
}

var days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
