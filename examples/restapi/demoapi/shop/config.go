package shop

import (
	"errors"
	"fmt"
)

// maxRows is the maximum number of customers and of orders. With more, the times of two
// runs of orders would be less than a microsecond apart.
const maxRows = 1 << 40

// Config configures a shop.
type Config struct {
	// APIKey is the key that requests must send. Required.
	APIKey string
	// Customers and Orders are the numbers of rows, from 0 to 1<<40. Optional; the
	// default is 0.
	Customers, Orders int
	// Faults is the share of requests, from 0 to 1, that fail although they are valid.
	// They fail with status 429 and a Retry-After of one second, with status 500 or 503,
	// or by closing the connection in the middle of the body. A client that retries a
	// request succeeds at the fourth attempt or earlier, even if a few other clients
	// send the same request. A request that is sent repeatedly therefore fails less
	// often than others. Optional; the default is 0.
	Faults float64
	// Seed determines the content of the rows and which requests fail. Optional; the
	// default is 0.
	Seed uint64
}

// Validate returns an error that lists all invalid fields of the configuration, or nil.
func (c Config) Validate() error {
	var errs []error
	if c.APIKey == "" {
		errs = append(errs, errors.New("an API key is required"))
	}
	for _, count := range []struct {
		of string
		n  int
	}{{"customers", c.Customers}, {"orders", c.Orders}} {
		if count.n < 0 || int64(count.n) > maxRows {
			errs = append(errs, fmt.Errorf("the number of %s is %d; want 0 to %d", count.of, count.n, int64(maxRows)))
		}
	}
	if !(c.Faults >= 0 && c.Faults <= 1) { // also true for NaN
		errs = append(errs, fmt.Errorf("the share of faults is %v; want 0 to 1", c.Faults))
	}
	return errors.Join(errs...)
}
