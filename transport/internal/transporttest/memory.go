package transporttest

import (
	"net/http"
	"net/http/httptest"
)

// Memory is a round tripper that calls a handler instead of using a network, so that
// tests can run in virtual time.
type Memory struct{ http.Handler }

// RoundTrip returns the response of the handler, or the error of the request's context
// once the handler has returned.
func (m Memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.ServeHTTP(w, r)
	}()
	select {
	case <-done:
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
	return w.Result(), nil
}

// RoundTripperFunc is a function as a round tripper.
type RoundTripperFunc func(*http.Request) (*http.Response, error)

// RoundTrip calls f(r).
func (f RoundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
