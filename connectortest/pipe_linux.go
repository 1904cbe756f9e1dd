package connectortest

import (
	"os"
	"syscall"
)

// smallPipe returns a pipe that holds no more than a page, so that a program whose reader
// has stopped reading has to wait even if its sync is short.
func smallPipe() (r, w *os.File, err error) {
	r, w, err = os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	const setPipeSize = 1031 // F_SETPIPE_SZ, which package syscall lacks
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, w.Fd(), setPipeSize, 4096); errno != 0 {
		_, _ = r.Close(), w.Close()
		return nil, nil, os.NewSyscallError("fcntl", errno)
	}
	return r, w, nil
}
