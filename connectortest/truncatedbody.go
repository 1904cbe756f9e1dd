package connectortest

import (
	"io"
	"sync"
)

// A truncatedBody is a response body whose connection breaks after some bytes, or at its
// end.
type truncatedBody struct {
	io.ReadCloser
	mu   sync.Mutex
	left int // bytes
}

func (b *truncatedBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
