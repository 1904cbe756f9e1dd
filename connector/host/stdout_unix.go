//go:build unix

package host

import (
	"os"
	"syscall"
)

// takeStdout returns the process's standard output and makes everything else
// that writes there write to standard error: Go code by way of os.Stdout, and
// by way of the file descriptor what kept an older os.Stdout, C code and
// children.
func takeStdout() (*os.File, error) {
	fd, err := syscall.Dup(int(os.Stdout.Fd()))
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	syscall.CloseOnExec(fd)
	out := os.NewFile(uintptr(fd), os.Stdout.Name())
	if err := replaceFile(int(os.Stderr.Fd()), int(os.Stdout.Fd())); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	os.Stdout = os.Stderr
	return out, nil
}
