package schema

import "errors"

// ErrInvalid is wrapped by the errors of [New], [Join] and [Table.Validate] about a
// declaration that is not valid, such as a struct tag with an unknown option. The code of
// the connector must change; its configuration is not the reason.
var ErrInvalid = errors.New("schema: the declaration is not valid")

// An invalidError is an error that wraps ErrInvalid without its text.
type invalidError struct{ error }

// invalid returns err as an error that wraps ErrInvalid, or nil if err is nil.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	return invalidError{err}
}

func (e invalidError) Unwrap() error { return e.error }

func (invalidError) Is(target error) bool { return target == ErrInvalid }
