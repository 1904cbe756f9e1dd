package bridge

import (
	"os/exec"
	"syscall"
)

// prepare gives the process a group of its own, and lets it die with the bridge, even if the
// bridge is killed.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
