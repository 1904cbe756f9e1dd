//go:build !linux

package connectortest

import (
	"errors"
	"os"
)

// smallPipe returns an error: this operating system has no pipes of a small size.
func smallPipe() (r, w *os.File, err error) { return nil, nil, errors.ErrUnsupported }
