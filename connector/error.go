package connector

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is an error with its kind. Every operation of a run returns one;
// errors.As takes it out of a chain. A connector returns an Error of its own to
// decide the kind or to give a hint.
type Error struct {
	// Kind says who can do something about it.
	Kind Kind
	// Table is the table that the error is about. Optional.
	Table string
	// Hint says what to do, as a clause such as "create a key with read
	// access". Optional: without it, hosts give the advice that fits the kind.
	Hint string
	// Err is the cause. Required.
	Err error
}

// Error returns the table, the cause and the hint.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	if e.Table != "" {
		b.WriteString("table " + e.Table + ": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Err
}

// Is reports whether target is the kind of the error, so that
// errors.Is(err, connector.Transient) holds if any error in the chain of err
// has that kind. [KindOf] returns the one that counts.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && e != nil && k == e.Kind
}

// Errorf returns an *Error of the given kind, with a cause formatted as by
// fmt.Errorf.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// ErrClosed is returned by an [Emitter] after the Sync or the [TableFunc] that
// it was made for has returned.
var ErrClosed = errors.New("connector: the emitter was used after its sync had returned")
