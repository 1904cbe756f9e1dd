package packaging

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/penstock-sdk/penstock/internal/pasted"
)

// A DecimalType is the precision and scale of DECIMAL columns: the number of digits, and
// that of the digits after the point. The zero DecimalType means that there is none.
type DecimalType struct{ Precision, Scale int }

// ParseDecimalType parses a precision and scale such as "38,10".
func ParseDecimalType(text string) (DecimalType, error) {
	first, second, found := strings.Cut(text, ",")
	precision, err := strconv.Atoi(strings.TrimSpace(first))
	scale, scaleErr := strconv.Atoi(strings.TrimSpace(second))
	if !found || err != nil || scaleErr != nil || precision < 1 || scale < 0 || scale > precision {
		return DecimalType{}, fmt.Errorf("invalid decimal type %q: want a precision and a scale that is not larger, such as 38,10", pasted.Mask(text))
	}
	return DecimalType{precision, scale}, nil
}
