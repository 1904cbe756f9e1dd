package ratelimit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

// The limit is 100 queries per second, two of them at a time.
func ExampleLimiter() {
	limiter, err := ratelimit.New(ratelimit.Limit{PerSecond: 100, Concurrent: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	// query waits until the limiter allows a query.
	query := func(ctx context.Context, table string) error {
		done, err := limiter.Wait(ctx, "", nil)
		if err != nil {
			return err
		}
		defer done()
		fmt.Println("query", table)
		return nil
	}
	start := time.Now()
	for _, table := range []string{"orders", "items", "customers"} {
		if err := query(context.Background(), table); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("took at least 20 ms:", time.Since(start) >= 20*time.Millisecond)
	// Output:
	// query orders
	// query items
	// query customers
	// took at least 20 ms: true
}

// A source that shares its budget with other programs says when it is used up.
func ExampleLimiter_Pause() {
	limiter, err := ratelimit.New(ratelimit.Limit{})
	if err != nil {
		fmt.Println(err)
		return
	}
	limiter.Pause("", time.Now().Add(10*time.Millisecond), "the quota is used up")
	done, err := limiter.Wait(context.Background(), "", func(wait time.Duration, reason string) {
		fmt.Println("waiting:", reason)
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer done()
	fmt.Println("query")
	// Output:
	// waiting: the quota is used up
	// query
}
