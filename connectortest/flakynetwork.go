package connectortest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A flakyNetwork makes some requests fail. It is safe for concurrent use.
type flakyNetwork struct {
	network http.RoundTripper

	mu         sync.Mutex
	rand       *rand.Rand
	failures   map[string]int // consecutive failures, by request
	total      int            // consecutive failures of any requests
	slowFaults int            // that may still occur
	wait       time.Duration  // until a timeout, and in Retry-After
	faults     [noFault]int   // how often each has occurred
}

// The faults of a request.
const (
	faultTooMany = iota
	faultUnavailable
	// The faults from here on are slow: a client waits half a second or so after
	// them.
	faultInternal
	faultTimeout
	faultReset
	faultTruncated
	noFault
)

var faultNames = [noFault]string{
	faultTooMany:     "429",
	faultUnavailable: "503",
	faultInternal:    "500",
	faultTimeout:     "timeout",
	faultReset:       "reset",
	faultTruncated:   "truncated body",
}

// choose returns the fault of a request, and the number of bytes after which a
// truncated body ends. A third of the requests fail, but never more than three in
// a row.
func (f *flakyNetwork) choose(r *http.Request) (fault, bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Method + " " + r.URL.String()
	if f.total >= 3 || f.failures[key] >= 3 || f.rand.IntN(3) > 0 {
		f.total = 0
		delete(f.failures, key)
		return noFault, 0
	}
	fault = f.rand.IntN(noFault)
	if fault == faultTruncated && usesRefreshToken(r) {
		fault = faultReset // a client that loses a new refresh token could never succeed
	}
	if fault >= faultInternal {
		// A client waits after these faults, so only a few may occur.
		if f.slowFaults == 0 || f.wait == 0 && f.failures[key] > 0 {
			fault %= faultInternal
		} else {
			f.slowFaults--
		}
	}
	f.total++
	f.failures[key]++
	f.faults[fault]++
	return fault, f.rand.IntN(300)
}

func (f *flakyNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	// Many clients ignore a Retry-After of 0, and a second is long in real time.
	retryAfter := http.Header{"Retry-After": {"0.005"}}
	if f.wait > 0 {
		retryAfter.Set("Retry-After", strconv.Itoa(int(f.wait/time.Second)))
	}
	fault, length := f.choose(r)
	switch fault {
	case noFault:
		return f.network.RoundTrip(r)
	case faultTruncated:
		resp, err := f.network.RoundTrip(r)
		if err == nil && resp.Body != nil && resp.Body != http.NoBody {
			resp.Body = &truncatedBody{ReadCloser: resp.Body, left: length}
		}
		return resp, err
	}
	closeBody(r)
	switch fault {
	case faultTooMany:
		return newResponse(r, http.StatusTooManyRequests, retryAfter, `{"error":"slow down"}`), nil
	case faultUnavailable:
		return newResponse(r, http.StatusServiceUnavailable, retryAfter, `{"error":"back in a moment"}`), nil
	case faultInternal:
		return newResponse(r, http.StatusInternalServerError, nil, `{"error":"internal error"}`), nil
	case faultTimeout:
		select {
		case <-time.After(f.wait):
			return nil, fmt.Errorf("read: %w", os.ErrDeadlineExceeded)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	default: // faultReset
		return nil, fmt.Errorf("read: %w", syscall.ECONNRESET)
	}
}

// usesRefreshToken reports whether a request may make the source replace a refresh token
// (RFC 6749 §6).
func usesRefreshToken(r *http.Request) bool {
	if r.Method != http.MethodPost || r.GetBody == nil {
		return false
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, 64<<10))
	return err == nil && bytes.Contains(text, []byte("refresh_token"))
}

// summary returns the faults that have occurred.
func (f *flakyNetwork) summary() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for fault, name := range faultNames {
		if n := f.faults[fault]; n > 0 {
			all = append(all, fmt.Sprintf("%s: %d", name, n))
		}
	}
	return "faults (" + strings.Join(all, ", ") + ")"
}
