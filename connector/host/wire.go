package host

import (
	"path/filepath"
	"strings"
	"time"
)

// A Wire is how a process speaks with one kind of platform. A package that adds
// one exports it as a Host, which is made by [With]:
//
//	var Host = host.With(host.Wire{Name: "example", Summary: "…", Serve: serve})
type Wire struct {
	// Name is the first argument that chooses the wire, such as "airbyte".
	// Required.
	Name string
	// Summary says in a clause what it is for. The help prints it.
	Summary string
	// Prefix is how the names of programs begin that speak this wire without
	// being told to, such as "source-". Optional.
	Prefix string
	// Accepts reports whether a command line, which is not empty, is one of the
	// platform's, for
	// programs that are named by Prefix. Others are left to the first wire,
	// which has commands for people. Optional: without it, none is accepted.
	Accepts func(args []string) bool
	// Deadline is how long the process goes on after it was told to end by a
	// signal: it covers the connector's method, the last lines and the exit.
	// Then the process ends, whatever it is waiting for. Required.
	Deadline time.Duration
	// DieOfSignal says how a process ends that was told to by a signal: of that
	// signal, as programs do that do not catch it, or as the first process of a
	// container with 128 and the signal's number as its status. Without it, the
	// status is what Serve returns, or 1 at the deadline.
	DieOfSignal bool
	// Serve does what the command line asks for, and returns the exit status:
	// 0 for success, 2 for a wrong command line, 1 for other failures. Required.
	Serve func(p *Process) int
}

// route returns the wire that a command line asks for, and the arguments that
// are left for it.
func route(wires []Wire, program string, args []string) (*Wire, []string) {
	first := &wires[0]
	if len(args) == 0 {
		return first, nil
	}
	for i := range wires {
		if wires[i].Name == args[0] {
			return &wires[i], args[1:]
		}
	}
	for i := range wires {
		w := &wires[i]
		if w.Prefix != "" && strings.HasPrefix(program, w.Prefix) && w.Accepts != nil && w.Accepts(args) {
			return w, args
		}
	}
	return first, args
}

// programName is how a program is called, without its folder.
func programName(args []string) string {
	if len(args) == 0 {
		return "connector"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}
