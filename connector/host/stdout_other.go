//go:build !unix

package host

import "os"

// takeStdout returns the process's standard output and makes what writes to
// os.Stdout write to standard error.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
