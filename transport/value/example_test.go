package value_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/value"
)

// Text that is ambiguous needs a layout.
func ExampleParseTime() {
	for _, text := range []string{"2024-05-01T14:30:15+02:00", "2024-05-01 12:30:15", "1714566615", "1714566615000", "05/06/2024"} {
		t, err := value.ParseTime(text)
		fmt.Println(t.UTC().Format(time.RFC3339), err)
	}
	t, err := value.ParseTime("05/06/2024", "02/01/2006")
	fmt.Println(t.Format(time.DateOnly), err)
	// Output:
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 2024-05-01T12:30:15Z <nil>
	// 0001-01-01T00:00:00Z not a time in an unambiguous layout: "05/06/2024"
	// 2024-06-05 <nil>
}

// A Time is decoded from any text that ParseTime accepts.
func ExampleTime() {
	type row struct {
		At value.Time `json:"at"`
	}
	for r, err := range format.Decode[row](strings.NewReader(`[{"at":1714566615},{"at":"2024-05-01 12:30:15"}]`), format.JSON{}) {
		fmt.Println(r.At.UTC(), err)
	}
	// Output:
	// 2024-05-01 12:30:15 +0000 UTC <nil>
	// 2024-05-01 12:30:15 +0000 UTC <nil>
}

// The decimal mark is a comma in 1.234,50 and a point in (1,000.00), which is negative.
func ExampleParseNumber() {
	fmt.Println(value.ParseNumber("1.234,50", ','))
	fmt.Println(value.ParseNumber("(1,000.00)", '.'))
	_, err := value.ParseNumber("19.90 EUR", '.')
	fmt.Println(err)
	// Output:
	// 1234.50 <nil>
	// -1000.00 <nil>
	// not a number: "19.90 EUR"
}
