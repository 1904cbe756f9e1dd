//go:build !unix

package host

import "os"

// dieOf ends the process with status 1. The platform has no signals to die of.
func dieOf(os.Signal) { os.Exit(1) }
