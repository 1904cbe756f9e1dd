//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// newProcessGroup puts the connector into its own process group, so that a terminal's
// interrupt does not reach it. The connector is meant to receive one signal, from
// terminate. A second signal makes it exit immediately.
func newProcessGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate sends SIGTERM to a process and its children.
func terminate(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGTERM) }

// kill sends SIGKILL to a process and its children.
func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) } // they may have exited

// hasChildren reports whether processes are left in the group of a process that has exited.
func hasChildren(p *os.Process) bool { return syscall.Kill(-p.Pid, 0) == nil }

// ending says how a process ended that did not exit.
func ending(state *os.ProcessState) string {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("signal %d (%v) killed the connector", status.Signal(), status.Signal())
	}
	return "the connector was killed"
}

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

// readNow reads the data that a pipe holds. It does not wait: if there is none, the error
// is [errEmpty].
func readNow(pipe *os.File, b []byte) (n int, err error) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	for {
		_ = pipe.SetReadDeadline(time.Time{}) // one that has passed would prevent the call
		readErr := error(nil)
		err = raw.Read(func(fd uintptr) bool {
			n, readErr = syscall.Read(int(fd), b)
			return true
		})
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(readErr, syscall.EINTR): // expire has set a deadline meanwhile
		case err != nil:
			return 0, err
		case errors.Is(readErr, syscall.EAGAIN):
			return 0, errEmpty
		case readErr != nil:
			return 0, readErr
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}
