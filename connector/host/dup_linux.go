package host

import "syscall"

// replaceFile makes file descriptor to another name of from. Linux has dup3 on
// every architecture, dup2 only on the older ones.
func replaceFile(from, to int) error { return syscall.Dup3(from, to, 0) }
