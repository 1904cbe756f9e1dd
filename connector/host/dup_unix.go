//go:build unix && !linux

package host

import "syscall"

// replaceFile makes file descriptor to a duplicate of from.
func replaceFile(from, to int) error { return syscall.Dup2(from, to) }
