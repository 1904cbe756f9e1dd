//go:build !unix

package bridge

import "os/exec"

func prepare(*exec.Cmd) {}

// terminate kills the process: there is no gentler way.
func terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

// kill kills the process.
func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
