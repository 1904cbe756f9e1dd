package transport

import "sync/atomic"

// A bodySize holds the size of the latest body of a sequence of pages. Most pages have about
// the same size, so a buffer for the next one need not grow while it is read. It is safe for
// concurrent use. A nil *bodySize is that of a single request.
type bodySize struct{ bytes atomic.Int64 }

// expected returns a size that the next body probably does not exceed, or 0 if it is unknown.
func (s *bodySize) expected() int64 {
	if s == nil {
		return 0
	}
	n := s.bytes.Load()
	return n + n/16
}

// set stores the size of a body.
func (s *bodySize) set(n int) {
	if s != nil {
		s.bytes.Store(int64(n))
	}
}
