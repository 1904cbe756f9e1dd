package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/transport/retry"
)

var errSyntax = errors.New("syntax error in the query")

// A query is repeated if its connection breaks, but not if it has a syntax error.
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

// The database says when it accepts queries again.
func ExampleAfter() {
	start, tries := time.Now(), 0
	err := retry.Policy{}.Do(context.Background(), func(context.Context) error {
		if tries++; tries == 1 {
			return retry.After(errors.New("too many queries"), 20*time.Millisecond)
		}
		return nil
	})
	fmt.Println(tries, "tries:", err)
	fmt.Println("took at least 20 ms:", time.Since(start) >= 20*time.Millisecond)
	// Output:
	// 2 tries: <nil>
	// took at least 20 ms: true
}

// A syntax error is the same in every attempt.
func ExamplePermanent() {
	err := retry.Policy{}.Do(context.Background(), func(context.Context) error {
		fmt.Println("tried")
		return retry.Permanent(errSyntax)
	})
	fmt.Println(err)
	// Output:
	// tried
	// syntax error in the query
}

// Each wait is logged with its reason.
func ExamplePolicy_DoNotify() {
	tries := 0
	err := retry.Policy{}.DoNotify(context.Background(), func(context.Context) error {
		if tries++; tries == 1 {
			return retry.After(errors.New("too many queries"), time.Millisecond)
		}
		return nil
	}, func(err error, wait time.Duration) error {
		fmt.Printf("waiting for %v: %v\n", wait, err)
		return nil
	})
	fmt.Println(err)
	// Output:
	// waiting for 1ms: too many queries
	// <nil>
}
