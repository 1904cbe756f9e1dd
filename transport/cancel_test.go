package transport_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
)

func TestCancelingTheContextEndsARequestWithItsCause(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	started := make(chan struct{}, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	cctx, cancel := context.WithCancelCause(ctx)
	go func() { <-started; cancel(fmt.Errorf("the user stopped")) }()
	_, err := c.Do(cctx, transport.Request{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, "the user stopped")
	assert.Equal(t, "defect", kindName(asError(t, err)))
	_, err = c.Do(cctx, transport.Request{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 0, asError(t, err).Attempts)
}

// The source never completes the body.
func TestCancelingTheContextEndsTheReadingOfABody(t *testing.T) {
	reading := make(chan struct{}, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"data":[`)
		_ = http.NewResponseController(w).Flush()
		reading <- struct{}{}
		<-r.Context().Done()
	})
	cctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { <-reading; cancel() }()
	start := time.Now()
	_, err := collect(transport.Records[item](cctx, c, transport.Request{RecordsAt: "data"}, nil))
	assert.ErrorIs(t, err, context.Canceled)
	asError(t, err)
	assert.Less(t, time.Since(start), 30*time.Second)
}
