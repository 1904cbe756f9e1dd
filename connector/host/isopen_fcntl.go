//go:build linux || darwin || freebsd || netbsd

package host

import (
	"os"
	"syscall"
)

// isOpen reports whether f was open for writing when the process started. The runtime of
// Go opens the null device for reading and writing in place of a standard file that is
// closed. The other files are standard files, too. If one of them is the same open file
// as f, the parent process has opened it.
func isOpen(f *os.File, others ...*os.File) bool {
	flags, err := statusFlags(f)
	if err != nil || flags&syscall.O_ACCMODE == syscall.O_RDONLY {
		return false
	}
	if flags&syscall.O_ACCMODE != syscall.O_RDWR || !isNull(f) {
		return true
	}
	for _, other := range others {
		if shareFlags(f, other) {
			return true
		}
	}
	return false
}

// shareFlags reports whether two files that are the null device are the same open file.
// If they are, a flag that is set on one is set on the other, too.
func shareFlags(f, other *os.File) bool {
	flags, err := statusFlags(f)
	if err != nil || !isNull(other) {
		return false
	}
	before, err := statusFlags(other)
	if err != nil || setStatusFlags(f, flags^syscall.O_APPEND) != nil {
		return false
	}
	after, err := statusFlags(other)
	return setStatusFlags(f, flags) == nil && err == nil && after != before
}

func statusFlags(f *os.File) (int, error) {
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFL, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(flags), nil
}

func setStatusFlags(f *os.File, flags int) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETFL, uintptr(flags)); errno != 0 {
		return errno
	}
	return nil
}
