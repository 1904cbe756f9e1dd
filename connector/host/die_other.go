//go:build !unix

package host

import "os"

// dieOf ends the process. There are no signals to die of.
func dieOf(os.Signal) { os.Exit(1) }
