// Package sentinel holds the errors that the packages format and transport
// share. Both export them, so neither must import the other for them.
package sentinel

import (
	"errors"
	"fmt"
	"io"
)

// The errors are documented where they are exported.
var (
	ErrTooLarge  = errors.New("larger than allowed")
	ErrCut       = errors.New("the body is truncated")
	ErrNotJSON   = errors.New("the body is not JSON")
	ErrNoRecords = errors.New("no records at the path")
)

// Truncated wraps ErrCut around an error from a decompressor whose input has ended too
// early. It returns all other errors as they are.
func Truncated(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ErrCut) {
		return fmt.Errorf("%w in its compressed form: %w", ErrCut, err)
	}
	return err
}
