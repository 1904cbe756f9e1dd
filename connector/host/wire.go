package host

import (
	"path/filepath"
	"strings"
	"time"
)

// A Wire defines how a program communicates with one kind of platform. The package
// of a wire exports it as the variable Host, using [With]:
//
//	var Host = host.With(host.Wire{Name: "example", Summary: "…", Serve: serve})
type Wire struct {
	// Name is the first argument that selects the wire, such as "airbyte".
	// Required.
	Name string
	// Summary describes the wire in a clause, for the help text. Optional.
	Summary string
	// Prefix is the prefix of program names that imply the wire, such as
	// "source-". Optional.
	Prefix string
	// Accepts reports whether args is a command of the platform. It is called
	// for programs whose name begins with Prefix, and args is not empty. If it
	// returns false, the first wire handles the command. It is also called for
	// arguments that are invalid for another wire; see [Process.UsageError].
	// Optional; by default, no command is accepted.
	Accepts func(args []string) bool
	// Deadline is the time that the process has to end after a signal. It covers
	// the connector's method, the last lines and the exit. At the deadline, the
	// process ends immediately, even if it is waiting for something. Required.
	Deadline time.Duration
	// MaxGrace limits the period that the option [Grace] sets, for wires with a short
	// Deadline. The waits for the connector, for the functions of connector.OnDelivered
	// and for goroutines follow one another, and each can take that long. Optional; by
	// default, the period has no limit.
	MaxGrace time.Duration
	// DieOfSignal determines how the process ends after a signal. If true, the
	// process dies of the signal, like a program that does not catch it. The
	// first process of a container cannot do that, and exits with status 128
	// plus the number of the signal instead. If false, the status is the result
	// of Serve, or 1 at the deadline.
	DieOfSignal bool
	// Serve executes the command line and returns the exit status: 0 for
	// success, 2 for an invalid command line, 1 for any other failure. Required.
	Serve func(p *Process) int
}

// route returns the wire that a command line selects and the remaining arguments.
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

// programName returns the name of the program without its directory.
func programName(args []string) string {
	if len(args) == 0 {
		return "connector"
	}
	return strings.TrimSuffix(filepath.Base(args[0]), ".exe")
}
