package main

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// A pipe is the reading end of a process's standard output or standard error. It ends when
// the process and its children have closed it. Once it has expired, it also ends when it is
// empty.
type pipe struct {
	file    *os.File
	ended   chan struct{} // closed at the end
	end     sync.Once
	expired atomic.Bool
	late    int // bytes read since it expired
}

// expiredSilence is the time without data after which an expired pipe ends.
const expiredSilence = 100 * time.Millisecond

// largestPipe is the number of bytes that a pipe of the operating system holds at most.
// Everything that follows them was written by a process that has outlived the connector.
const largestPipe = 1 << 20

func newPipe(file *os.File) *pipe { return &pipe{file: file, ended: make(chan struct{})} }

// Read reads what the process wrote.
func (p *pipe) Read(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	if !p.expired.Load() {
		// An expiry meanwhile sets a deadline. It says nothing about the data in the pipe.
		if n, err = p.file.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, p.conclude(err)
		}
	}
	if p.late > largestPipe {
		return 0, p.conclude(io.EOF)
	}
	n, err = p.readLate(b)
	p.late += n
	return n, p.conclude(err)
}

// readLate reads from an expired pipe. A deadline alone is no proof that the pipe is empty:
// on a busy machine, it may pass before a reader has run at all.
func (p *pipe) readLate(b []byte) (n int, err error) {
	if n, err = readNow(p.file, b); !errors.Is(err, errEmpty) {
		return n, err
	}
	_ = p.file.SetReadDeadline(time.Now().Add(expiredSilence)) // where this is an error, expire closes the file
	if n, err = p.file.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	if n, err = readNow(p.file, b); errors.Is(err, errEmpty) {
		err = io.EOF
	}
	return n, err
}

// errEmpty reports that a pipe is empty.
var errEmpty = errors.New("the pipe is empty")

// conclude returns the error of a read and notes the end of the pipe.
func (p *pipe) conclude(err error) error {
	if errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	if err != nil {
		p.end.Do(func() { close(p.ended) })
	}
	return err
}

// expire makes the pipe end as soon as it is empty. It must be called once the process has
// exited: then the pipe holds all that it wrote.
func (p *pipe) expire() {
	p.expired.Store(true)
	if p.file.SetReadDeadline(time.Now().Add(expiredSilence)) == nil {
		return
	}
	// The operating system has no deadlines for pipes.
	select {
	case <-p.ended:
	case <-time.After(lingering):
		p.close()
	}
}

func (p *pipe) close() { _ = p.file.Close() } // it was only read
