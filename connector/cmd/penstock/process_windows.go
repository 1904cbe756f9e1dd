package main

import (
	"os"
	"os/exec"
)

// newProcessGroup does nothing on Windows. The connector shares penstock's console.
func newProcessGroup(*exec.Cmd) {}

// terminate kills the process. Windows has no signal that requests an exit.
func terminate(p *os.Process) error { return p.Kill() }

// kill kills the process.
func kill(p *os.Process) { _ = p.Kill() } // it may have exited

// hasChildren returns false, because Windows has no process groups.
func hasChildren(*os.Process) bool { return false }

// ending says how a process ended that did not exit.
func ending(*os.ProcessState) string { return "the connector was killed" }

// peakMemory returns 0, for unknown.
func peakMemory(*os.ProcessState) int64 { return 0 }

// readNow returns [errEmpty]: pipes cannot be read without waiting.
func readNow(*os.File, []byte) (int, error) { return 0, errEmpty }
