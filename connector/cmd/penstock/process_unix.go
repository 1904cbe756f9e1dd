//go:build unix

package main

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// apart keeps a terminal's interrupt from the connector: it is told to end once,
// by terminate, and takes a second signal for one that wants it to end at once.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate tells a process to end, and those that it has started.
func terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill ends a process, and those that it has started.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // they may be over

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
