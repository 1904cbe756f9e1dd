package connectortest

import (
	"fmt"
	"strings"
)

// shownDifferences is the number of differences that a report prints for each table.
const shownDifferences = 8

// tableDifferences are the differences between two copies of a table.
type tableDifferences struct {
	name    string
	all     []string // a line for each difference
	kinds   map[differenceKind]int
	missing []int // positions of the missing rows among the wanted ones
	wanted  int   // number of wanted rows; equal rows without a key count as one
	keyless bool  // the table has no primary key
}

// A differenceKind says how a row differs from the wanted one.
type differenceKind uint8

const (
	rowMissing differenceKind = iota
	rowUnexpected
	rowNotDeleted
	valueDiffers
)

func (d *tableDifferences) add(kind differenceKind, line string) {
	if d.kinds == nil {
		d.kinds = map[differenceKind]int{}
	}
	d.kinds[kind]++
	d.all = append(d.all, line)
}

func (d *tableDifferences) addMissing(at int, line string) {
	d.add(rowMissing, line)
	d.missing = append(d.missing, at)
}

// lost returns the number of rows and deletes that did not arrive. In a table without a
// primary key, a row with another value is both missing and unexpected.
func (d *tableDifferences) lost() int {
	if d.keyless {
		return d.kinds[rowMissing] - d.kinds[rowUnexpected]
	}
	return d.kinds[rowMissing] + d.kinds[rowNotDeleted]
}

// lacksOnlyTheEnd reports whether nothing differs except that the last rows are
// missing, and perhaps deletes.
func (d *tableDifferences) lacksOnlyTheEnd() bool {
	n := len(d.missing)
	return n > 0 && n+d.kinds[rowNotDeleted] == len(d.all) && d.missing[0] == d.wanted-n
}

// describeDifferences returns the differences as text, or "".
func describeDifferences(tables []*tableDifferences) string {
	var b strings.Builder
	for _, d := range tables {
		plural := "s"
		if len(d.all) == 1 {
			plural = ""
		}
		fmt.Fprintf(&b, "table %s: %d difference%s\n", d.name, len(d.all), plural)
		for i, line := range d.all {
			if i == shownDifferences {
				fmt.Fprintf(&b, "    … and %d more\n", len(d.all)-i)
				break
			}
			b.WriteString("    " + line + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
