package host

import "syscall"

// replaceFile makes file descriptor to a duplicate of from. Linux provides dup3 on
// every architecture, but dup2 only on older ones.
func replaceFile(from, to int) error { return syscall.Dup3(from, to, 0) }
