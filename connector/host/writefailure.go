package host

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

	"github.com/penstock-sdk/penstock/connector"
)

// errNotOpen reports that the standard output was closed when the process started.
var errNotOpen = errors.New("standard output is closed or not open for writing; start the program with a standard output that is a pipe or a file, or redirect it to the null device, opened for writing only, to discard the response")

// writeFailure returns the error of a response that could not be written. The error of
// a reader that is gone has no hint, because there is nothing to do.
func writeFailure(err error) error {
	e := &connector.Error{Kind: connector.Interrupted}
	reason := ""
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case slices.ContainsFunc(diskFull, is):
		e.Kind, reason, e.Hint = connector.Transient, "the disk is full: ", "free space on it and try again"
	case is(syscall.EDQUOT):
		e.Kind, reason, e.Hint = connector.Transient, "the disk quota is used up: ", "delete files or raise the quota, and try again"
	case is(syscall.EFBIG):
		e.Kind, reason, e.Hint = connector.Transient, "the file must not become larger: ", "raise the limit on the size of files (ulimit -f), or process the file and continue with an empty one"
	case is(syscall.EBADF), is(os.ErrClosed):
		e.Kind, reason, e.Hint = connector.Configuration, "the output is not open for writing: ", "start the program with an output that is a pipe or a file"
	}
	e.Err = fmt.Errorf("write the response: %s%w", reason, err)
	return e
}
