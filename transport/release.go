package transport

import (
	"context"
	"time"

	"github.com/penstock-sdk/penstock/transport/retry"
)

const releaseTimeout = 5 * time.Second

// release sends a request that releases what the source holds. It sends the request
// even if the caller's context has ended, but does not delay the caller for long.
func (c *Client) release(ctx context.Context, req Request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	once := *c
	once.retry = retry.Policy{Attempts: 1}
	_, err := once.Do(ctx, req)
	return err
}
