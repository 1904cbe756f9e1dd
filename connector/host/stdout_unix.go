//go:build unix

package host

import (
	"os"
	"syscall"
)

// takeStdout returns the standard output of the process and redirects all other
// output there to standard error. It replaces os.Stdout for Go code. It replaces
// the file descriptor for C code, for child processes and for Go code that has
// copied os.Stdout.
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
