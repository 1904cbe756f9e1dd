package host_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/host"
)

// streams returns functions that open a pipe and a socket. The end for writing blocks.
func streams() map[string]func(t *testing.T) (r, w *os.File) {
	open := func(t *testing.T, fds [2]int, err error) (r, w *os.File) {
		t.Helper()
		require.NoError(t, err)
		r, w = os.NewFile(uintptr(fds[0]), "reader"), os.NewFile(uintptr(fds[1]), "writer")
		t.Cleanup(func() { _, _ = r.Close(), w.Close() })
		return r, w
	}
	return map[string]func(t *testing.T) (r, w *os.File){
		"pipe": func(t *testing.T) (r, w *os.File) {
			t.Helper()
			var fds [2]int
			err := syscall.Pipe2(fds[:], syscall.O_CLOEXEC)
			return open(t, fds, err)
		},
		"socket": func(t *testing.T) (r, w *os.File) {
			t.Helper()
			fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
			return open(t, fds, err)
		},
	}
}

// TestALineThatWaitsForRoomReturnsOnceTheContextIsDone fills a pipe whose reader does not
// read, ends the context, and reads everything.
func TestALineThatWaitsForRoomReturnsOnceTheContextIsDone(t *testing.T) {
	for name, open := range streams() {
		for _, size := range []int{100, 4000, 9000} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				r, w := open(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				lines := host.NewLineWriter(ctx, w, func() time.Duration { return time.Minute })
				const total = 2 << 20 // bytes
				padding := strings.Repeat("x", size)
				var calls atomic.Int64
				written := make(chan error, 1)
				go func() {
					for i := range total / size {
						if err := lines.Line(fmt.Sprint(i, " "), []byte(padding), ""); err != nil {
							written <- err
							return
						}
						calls.Add(1)
					}
					written <- nil
				}()
				for before := int64(-1); before != calls.Load() || before == 0; time.Sleep(10 * time.Millisecond) {
					before = calls.Load() // until the calls wait for the reader
				}
				assert.Less(t, calls.Load(), int64(total/size), "a reader that is not reading applies back pressure")
				cancel()
				require.NoError(t, <-written)
				go func() {
					_ = lines.Close()
					_ = w.Close()
				}()
				in := bufio.NewReader(r)
				for i := range total / size {
					line, err := in.ReadString('\n')
					require.NoError(t, err)
					require.Equal(t, fmt.Sprint(i, " ", padding, "\n"), line)
				}
				_, err := in.ReadByte()
				require.Error(t, err)
			})
		}
	}
}

// TestASlowReaderReceivesAllLinesInOrder has several writers and a reader that reads a
// few bytes at a time.
func TestASlowReaderReceivesAllLinesInOrder(t *testing.T) {
	const writers, each = 4, 2000
	for name, open := range streams() {
		t.Run(name, func(t *testing.T) {
			r, w := open(t)
			lines := host.NewLineWriter(t.Context(), w, func() time.Duration { return time.Minute })
			done := make(chan error, writers)
			for n := range writers {
				go func() {
					for i := range each {
						if err := lines.Line(fmt.Sprint(n, " ", i, " "), make([]byte, (i*97)%5000), ""); err != nil {
							done <- err
							return
						}
						if i%500 == 0 {
							if err := lines.Flush(); err != nil {
								done <- err
								return
							}
						}
					}
					done <- nil
				}()
			}
			go func() {
				for range writers {
					assert.NoError(t, <-done)
				}
				assert.NoError(t, lines.Close())
				assert.NoError(t, w.Close())
			}()
			var next [writers]int
			in := bufio.NewReaderSize(r, 3000)
			for range writers * each {
				line, err := in.ReadString('\n')
				require.NoError(t, err)
				var n, i int
				_, err = fmt.Sscan(line, &n, &i)
				require.NoError(t, err)
				require.Equal(t, next[n], i)
				require.Len(t, line, len(fmt.Sprint(n, " ", i, " \n"))+(i*97)%5000)
				next[n]++
			}
			_, err := in.ReadByte()
			require.Error(t, err)
		})
	}
}
