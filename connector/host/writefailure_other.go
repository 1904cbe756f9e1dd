//go:build !windows

package host

import "syscall"

// diskFull lists the errors of a full disk.
var diskFull = []error{syscall.ENOSPC}
