package stdin

import (
	"errors"
	"fmt"
)

// An Error reports a line that does not follow the protocol.
type Error struct {
	// Line is the number of the line, from 1.
	Line int
	// Text is the beginning of the line, at most 200 bytes. The text of a line that
	// may hold secrets is withheld.
	Text string
	// Err says why the line was refused.
	Err error
}

// Error returns the number of the line, why it was refused, and how it begins.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d of the answer: %v: %s", e.Line, e.Err, e.Text)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// ErrCut reports that the output ended in the middle of a line.
var ErrCut = errors.New("the answer is cut off in the middle of a line")

// ErrTooLong reports a line of more than MaxLine bytes.
var ErrTooLong = fmt.Errorf("more than %d MiB", MaxLine>>20)

// MaxLine is how many bytes a line may have.
const MaxLine = 64 << 20
