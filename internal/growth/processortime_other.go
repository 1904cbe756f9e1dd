//go:build !unix

package growth

import "time"

var start = time.Now()

// ProcessorTime returns the time since the start of the process, because package syscall
// has no portable function for the time that its threads have used.
func ProcessorTime() time.Duration { return time.Since(start) }
