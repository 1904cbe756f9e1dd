//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// peakMemory returns how many bytes a process that has ended had in memory at
// most, or 0 if that is not known.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) //nolint:unconvert // it is an int32 on some machines
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // the same
}
