package host

import (
	"context"
	"io/fs"
	"os"
	"syscall"
	"time"
	"unsafe"
)

// getPipeSize is F_GETPIPE_SZ, which package syscall lacks.
const getPipeSize = 1032

// maxRecent is the number of writes that a stream remembers.
const maxRecent = 64

// contextInterval is the time between two checks of a context while a stream waits.
const contextInterval = 20 * time.Millisecond

// A stream is a pipe or a socket. It writes as much at a time as there is room for,
// because a write that has to wait for the reader may be cut, unless it is no longer
// than pipeBuf. A pipe accepts such a write as a whole.
type stream struct {
	patientFile
	raw      syscall.RawConn
	isSocket bool
	shared   bool // the log of the process is written to the same pipe

	// recent holds the sizes of the last writes, the oldest of which may not have
	// been read. A pipe is a ring of pages, and each write begins a page unless it
	// fits into the rest of the last one, so the number of unread bytes does not
	// tell how many pages are free.
	recent  []int
	unknown bool // there are unread bytes that recent does not tell of

	measure  func(fd uintptr) // sets unread and capacity
	unread   int              // in bytes; -1 if that is unknown
	capacity int              // in bytes
	free     int              // the result of room, less the bytes written since
}

func newStream(f *os.File, info fs.FileInfo) output {
	raw, err := f.SyscallConn()
	if err != nil {
		return patientFile{f}
	}
	s := &stream{patientFile: patientFile{f}, raw: raw, isSocket: info.Mode()&os.ModeSocket != 0}
	if log, err := os.Stderr.Stat(); err == nil {
		s.shared = os.SameFile(info, log)
	}
	s.measure = s.measurePipe
	if s.isSocket {
		s.measure = s.measureSocket
	}
	return s
}

// room implements output.
func (s *stream) room() int {
	s.free = s.measureRoom()
	return s.free
}

func (s *stream) measureRoom() int {
	s.unread = -1
	if s.shared || s.raw.Control(s.measure) != nil || s.unread < 0 {
		return 0
	}
	if s.unread == 0 {
		s.recent, s.unknown = s.recent[:0], false
	}
	if s.isSocket {
		return max(s.capacity-s.unread, 0)
	}
	page := os.Getpagesize()
	return max(s.capacity/page-s.usedPages(page), 0) * page
}

// usedPages returns the largest number of pages that the unread bytes can occupy. It
// forgets the writes that have been read.
func (s *stream) usedPages(page int) int {
	if s.unknown {
		return s.capacity/page + 1
	}
	used, rest := 0, s.unread
	for i := len(s.recent) - 1; i >= 0 && rest > 0; i-- {
		size := s.recent[i]
		used += (min(size, rest) + page - 1) / page
		if size > rest { // the unread part may begin in the middle of a page
			used++
		}
		if rest -= size; rest <= 0 {
			s.recent = s.recent[:copy(s.recent, s.recent[i:])]
		}
	}
	if rest > 0 || len(s.recent) > maxRecent {
		s.unknown = true
	}
	if rest > 0 { // another process writes to the pipe
		return s.capacity/page + 1
	}
	return used
}

// awaitRoom implements output. A pipe is writable if a page of it is free. A socket is
// writable if half of its memory is free.
func (s *stream) awaitRoom(ctx context.Context) bool {
	if s.shared || s.unread < 0 {
		return false
	}
	for ctx.Err() == nil {
		limit := syscall.NsecToTimespec(int64(contextInterval)) // Linux changes it
		writable, err := pollWritable(s.raw, &limit)
		if writable || err != nil {
			return writable
		}
	}
	return false
}

// limit implements output.
func (s *stream) limit() int { return max(s.room(), pipeBuf) }

func (s *stream) write(lines []byte) error {
	s.recent = append(s.recent, len(lines))
	// The kernel may interrupt a long write that waits, which then occupies more pages.
	// If there are too many writes, room has not been called for a while.
	if waits := len(lines) > max(s.free, pipeBuf); waits || len(s.recent) > 2*maxRecent {
		s.recent, s.unknown = s.recent[:0], true
	}
	s.free = max(s.free-len(lines), 0)
	return s.patientFile.write(lines)
}

func (s *stream) measurePipe(fd uintptr) {
	size, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, getPipeSize, 0)
	if errno == 0 {
		s.capacity = int(size)
		s.measureUnread(fd, syscall.TIOCINQ) // FIONREAD by another name
	}
}

// measureSocket assumes that the bookkeeping of the kernel takes as much memory as the
// bytes.
func (s *stream) measureSocket(fd uintptr) {
	size, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF)
	if err == nil {
		s.capacity = size / 4
		s.measureUnread(fd, syscall.TIOCOUTQ)
	}
}

func (s *stream) measureUnread(fd uintptr, request uintptr) {
	var n int32
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(&n))); errno == 0 {
		s.unread = int(n)
	}
}

// awaitWritable waits until a file that does not block can be written to.
func awaitWritable(f *os.File) error {
	raw, err := f.SyscallConn()
	if err == nil {
		_, err = pollWritable(raw, nil)
	}
	return err
}

// pollWritable waits until a file can be written to. It reports false if the limit, which
// may be nil, has passed, or if a signal has arrived.
func pollWritable(raw syscall.RawConn, limit *syscall.Timespec) (writable bool, err error) {
	var n uintptr
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		const pollOut = 4 // POLLOUT
		poll := struct {
			fd              int32
			events, revents int16
		}{int32(fd), pollOut, 0}
		n, _, errno = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, uintptr(unsafe.Pointer(limit)), 0, 0, 0)
	})
	switch {
	case err != nil || errno == syscall.EINTR:
		return false, err
	case errno != 0:
		return false, os.NewSyscallError("ppoll", errno)
	}
	return n > 0, nil
}
