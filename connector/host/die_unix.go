//go:build unix

package host

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// dieOf kills the process with a signal. The kernel does not let the first
// process of a container die that way, and signal.Reset makes a process ignore a signal that
// it ignored when it was started, such as SIGINT in a background job of a shell script. The
// exit status reports the signal instead.
func dieOf(first *interruption) {
	number, ok := first.signal.(syscall.Signal)
	if !ok {
		os.Exit(1)
	}
	if os.Getpid() != 1 && !first.ignored {
		signal.Reset(number)
		_ = syscall.Kill(os.Getpid(), number) // if it fails, the status below reports the signal
		time.Sleep(time.Second)               // until the signal arrives
	}
	os.Exit(128 + int(number))
}
