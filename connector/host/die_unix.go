//go:build unix

package host

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// dieOf kills the process with a signal. The kernel does not let the first
// process of a container die that way, so its exit status reports the signal
// instead.
func dieOf(sig os.Signal) {
	number, ok := sig.(syscall.Signal)
	if !ok {
		os.Exit(1)
	}
	if os.Getpid() != 1 {
		signal.Reset(sig)
		_ = syscall.Kill(os.Getpid(), number) // if it fails, the status below reports the signal
		time.Sleep(time.Second)               // until the signal arrives
	}
	os.Exit(128 + int(number))
}
