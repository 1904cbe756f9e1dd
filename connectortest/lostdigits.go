package connectortest

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/schema"
)

const fixLostDigits = "use schema.Decimal for the field of an amount and int64 for that of an integer: a float64 holds no more than 15 to 17 digits"

// maxNumberLength is the length of the longest number that the suite compares exactly.
const maxNumberLength = 100

// aDecimal matches a number without an exponent. A source that writes exponents uses
// floating point itself.
var aDecimal = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// tolerance is the difference below which lost digits are not reported: a coordinate or a
// ratio with 20 digits is a float64 on purpose.
var tolerance = big.NewRat(1, 1_000_000)

// losesDigits reports whether the text have is that of the number want after it was
// converted to floating point, and digits were lost.
func losesDigits(want, have string, column schema.Column) bool {
	if want == have || len(want) > maxNumberLength || len(have) > maxNumberLength || !aDecimal.MatchString(want) {
		return false
	}
	if strings.Contains(want, ".") && !isFractional(column.Type) {
		return false // rounded to an integer on purpose
	}
	bits := 64
	if column.Type == schema.TypeFloat {
		bits = 32
	}
	rounded, err := strconv.ParseFloat(want, bits)
	if err != nil {
		return false
	}
	if arrived, err := strconv.ParseFloat(have, bits); err != nil || arrived != rounded {
		return false // the connector computes the value
	}
	exact, ok := new(big.Rat).SetString(want)
	if !ok {
		return false
	}
	arrived, ok := new(big.Rat).SetString(have)
	if !ok || isWithinTolerance(exact, arrived) {
		return false
	}
	// A source that stores a float64 may write more digits than it has. The float64 with so
	// many digits is then the same number.
	digits := len(strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(want), "0"))
	stored, ok := new(big.Rat).SetString(strconv.FormatFloat(rounded, 'e', max(digits-1, 0), bits))
	return !ok || stored.Cmp(exact) != 0
}

// isFractional reports whether a column may hold a number with a fraction.
func isFractional(t schema.Type) bool {
	return t != schema.TypeLong && t != schema.TypeInt && t != schema.TypeShort
}

func isWithinTolerance(a, b *big.Rat) bool {
	difference := new(big.Rat).Sub(a, b)
	return difference.Abs(difference).Cmp(tolerance) < 0
}

// checkDigits fails for each column whose numbers have lost digits on their way from the
// record.
func checkDigits(u *unread, t *pairedTable) {
	for _, column := range t.table.Columns {
		n, first := 0, ""
		for _, p := range t.pairs {
			have, ok := columnText(p.row.value(column.Name))
			if !ok {
				continue
			}
			if want, lost := t.lostNumber(p.record, column, have); lost {
				if n++; n == 1 {
					first = want + " of the source arrives as " + have
				}
			}
		}
		if n > 0 {
			plural := "s"
			if n == 1 {
				plural = ""
			}
			u.failWithf(fixLostDigits, "table %s: column %s has lost digits in %d row%s: %s", t.table, column.Name, n, plural, first)
		}
	}
}

// lostNumber returns the number of a record that has lost digits in a column: that of the
// member with its name or, if there is none, a fraction in a member that no column is named
// after. Different integers of so many digits may be different IDs.
func (t *pairedTable) lostNumber(record map[string]any, column schema.Column, have string) (want string, lost bool) {
	if v, named := memberOf(record, column.Name); named {
		want, scalar := scalarText(v)
		return want, scalar && losesDigits(want, have, column)
	}
	for name, v := range record {
		if want, scalar := scalarText(v); scalar && strings.Contains(want, ".") && !t.hasColumn(name) && losesDigits(want, have, column) {
			return want, true
		}
	}
	return "", false
}

// isSameNumber reports whether two texts are numbers with the same float64 or, if one has
// a fraction, the same float32.
func isSameNumber(a, b string) bool {
	if !startsNumber(a) || !startsNumber(b) {
		return false
	}
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return false
	}
	y, err := strconv.ParseFloat(b, 64)
	return err == nil && (x == y || float32(x) == float32(y) && strings.Contains(a+b, "."))
}

func startsNumber(text string) bool {
	return text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9')
}
