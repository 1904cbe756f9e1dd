//go:build unix

package growth

import (
	"syscall"
	"time"
)

// ProcessorTime returns the time that all threads of the process have used.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
