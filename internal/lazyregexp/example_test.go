package lazyregexp_test

import (
	"fmt"

	"github.com/penstock-sdk/penstock/internal/lazyregexp"
)

var digits = lazyregexp.New(`[0-9]+`)

func Example() {
	fmt.Println(digits().FindString("order 17"))
	// Output: 17
}
