//go:build unix

package main

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// newProcessGroup puts the connector into its own process group, so that a terminal's
// interrupt does not reach it. The connector is meant to receive one signal, from
// terminate. A second signal makes it exit immediately.
func newProcessGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate sends SIGTERM to a process and its children.
func terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill sends SIGKILL to a process and its children.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // they may have exited

// peakMemory returns the peak memory usage of an exited process in bytes, or 0 if it is
// unknown.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) //nolint:unconvert // an int32 on some platforms
	}
	return int64(usage.Maxrss) << 10 //nolint:unconvert // an int32 on some platforms
}
