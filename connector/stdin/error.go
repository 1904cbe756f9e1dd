package stdin

import (
	"errors"
	"fmt"
)

// An Error reports a line that does not follow the protocol.
type Error struct {
	// Line is the number of the line, from 1.
	Line int
	// Text is the beginning of the line, at most 200 bytes. If the line may hold
	// secrets, Text does not contain any of it.
	Text string
	// Err is the reason why the line was rejected.
	Err error
}

// Error returns the number of the line, the reason and the beginning of the line.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d of the answer: %v: %s", e.Line, e.Err, e.Text)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrCut is wrapped by the [*Error] for output that ends in the middle of a line.
var ErrCut = errors.New("the answer ends in the middle of a line")

// ErrTooLong is wrapped by the [*Error] for a line of more than [MaxLine] bytes.
var ErrTooLong = fmt.Errorf("it is longer than %d MiB", MaxLine>>20)

// MaxLine is the maximum length of a line in bytes, including its end.
const MaxLine = 64 << 20
