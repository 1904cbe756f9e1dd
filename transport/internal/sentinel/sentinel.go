// Package sentinel holds the errors that the packages format and transport
// share. Both export them, so neither must import the other for them.
package sentinel

import "errors"

// The errors are documented where they are exported.
var (
	ErrTooLarge  = errors.New("larger than allowed")
	ErrCut       = errors.New("the body is truncated")
	ErrNotJSON   = errors.New("the body is not JSON")
	ErrNoRecords = errors.New("no records at the path")
)
