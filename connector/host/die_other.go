//go:build !unix

package host

import "os"

// dieOf ends the process with status 1. This operating system has no signals
// that could end it.
func dieOf(*interruption) { os.Exit(1) }
