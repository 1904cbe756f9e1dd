//go:build unix

package host

import (
	"os"
	"os/signal"
	"syscall"
)

// takeStdout returns the standard output of the process and redirects all other
// output there to standard error. It replaces os.Stdout for Go code. It replaces
// the file descriptor for C code, for child processes and for Go code that has
// copied os.Stdout.
func takeStdout() (*os.File, error) {
	if !isOpen(os.Stdout, os.Stdin, os.Stderr) {
		return nil, errNotOpen
	}
	fd, err := syscall.Dup(int(os.Stdout.Fd()))
	if err != nil {
		return nil, os.NewSyscallError("standard output: dup", err)
	}
	syscall.CloseOnExec(fd)
	out := os.NewFile(uintptr(fd), os.Stdout.Name())
	if err := replaceFile(int(os.Stderr.Fd()), int(os.Stdout.Fd())); err != nil {
		return nil, os.NewSyscallError("standard output: dup2", err)
	}
	os.Stdout = os.Stderr
	return out, nil
}

// catchWriteSignals makes it an ordinary error to write to a closed pipe, or to a file
// that has reached its largest size. Unlike Ignore, Notify does not change how child
// processes handle the signals.
func catchWriteSignals() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGXFSZ)
}
