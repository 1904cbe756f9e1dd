//go:build !unix

package host

import "os"

// takeStdout returns the standard output of the process and makes os.Stdout refer
// to standard error.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
