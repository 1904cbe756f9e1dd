//go:build !unix

package host

import (
	"os"
	"os/signal"
	"syscall"
)

// takeStdout returns the standard output of the process and makes os.Stdout refer
// to standard error.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	if out == nil || int(out.Fd()) <= 0 { // an invalid handle
		return nil, errNotOpen
	}
	os.Stdout = os.Stderr
	return out, nil
}

// catchWriteSignals makes it an ordinary error to write to a closed pipe.
func catchWriteSignals() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
