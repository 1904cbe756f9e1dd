package fakeapi

import (
	"fmt"
	"net/http"
	"time"
)

// Latency delays each response, including those that reject a request. The delay
// ends early if the request's context is done. The default is no delay.
func Latency(d time.Duration) Option {
	return func(a *API) {
		if d < 0 {
			a.errs = append(a.errs, fmt.Errorf("the latency is %v: want zero or more", d))
		}
		a.latency = d
	}
}

// wait waits for the latency.
func (a *API) wait(r *http.Request) error {
	if a.latency <= 0 {
		return nil
	}
	timer := time.NewTimer(a.latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.Context().Done():
		// Only a recorder sees this response. Without it, the recorder would report 200.
		return reject(http.StatusServiceUnavailable, "the client canceled the request")
	}
}
