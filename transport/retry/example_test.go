package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/transport/retry"
)

var errSyntax = errors.New("syntax error in the query")

// A query whose connection breaks is repeated. A syntax error is not.
func ExamplePolicy_Do() {
	results := []error{errors.New("connection reset"), errSyntax}
	query := func() error {
		err := results[0]
		results = results[1:]
		return err
	}
	err := retry.Policy{Base: time.Millisecond}.Do(context.Background(), func(context.Context) error {
		err := query()
		fmt.Println("tried:", err)
		if errors.Is(err, errSyntax) {
			return retry.Permanent(err)
		}
		return err
	})
	fmt.Println(err)
	// Output:
	// tried: connection reset
	// tried: syntax error in the query
	// syntax error in the query
}
