package ratelimit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/transport/ratelimit"
)

// At most 100 queries per second, two at a time.
func ExampleLimiter() {
	limiter, err := ratelimit.New(ratelimit.Limit{PerSecond: 100, Concurrent: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
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
	fmt.Println("took 20 ms or longer:", time.Since(start) >= 20*time.Millisecond)
	// Output:
	// query orders
	// query items
	// query customers
	// took 20 ms or longer: true
}
