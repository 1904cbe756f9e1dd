package main

import (
	"os"
	"os/exec"
)

// apart does nothing: a connector shares its console.
func apart(*exec.Cmd) {}

// terminate kills: Windows has no signal that asks.
func terminate(p *os.Process) error { return p.Kill() }

func kill(p *os.Process) { _ = p.Kill() } // it may be over

// peakMemory is not known.
func peakMemory(*os.ProcessState) int64 { return 0 }
