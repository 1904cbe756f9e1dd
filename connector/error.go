package connector

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is an error with a [Kind]. Every error that a run returns is an
// *Error. Return an Error from a method of a connector to choose the kind of the
// error or to add a hint.
type Error struct {
	// Kind states who can act on the error. Optional; the default is [Defect].
	Kind Kind
	// Table is the table that the error concerns. Optional.
	Table string
	// Hint says what to do, as a clause such as "create a key with read
	// access". Optional; the default is general advice for the kind.
	Hint string
	// Err is the cause. Required.
	Err error
}

// Error returns a message that consists of the table, the cause and the hint.
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

// Is reports whether target is the kind of the error. It makes
// errors.Is(err, connector.Transient) report whether any error in the tree of
// err has that kind. Use [KindOf] to find the one kind that applies to err.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && e != nil && k == e.Kind
}

// Errorf returns an [*Error] of the given kind. Its cause is the error that
// fmt.Errorf returns for the format and the arguments.
func Errorf(kind Kind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// ErrClosed is returned by the methods of an [Emitter] after the Sync or the
// [TableFunc] that received it has returned. [ReplaceSecret] returns it once
// the run is being closed.
var ErrClosed = errors.New("connector: emitter used after its sync returned")
