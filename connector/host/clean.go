package host

import (
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// fail makes the error that leaves a run: classified and free of secrets. An
// error whose methods panic is a defect, too.
func (r *Run) fail(err error) (clean *connector.Error) {
	defer func() {
		if v := recover(); v != nil {
			clean = r.redactor.classified(&connector.Error{Err: caught(r.log, fmt.Sprintf("the methods of an error of type %T", err), v)})
		}
	}()
	err = plain(err)
	e, ok := err.(*connector.Error)
	if !ok {
		e = &connector.Error{Kind: connector.KindOf(err), Err: err}
	}
	return r.redactor.classified(e)
}

// classified returns a copy of an error without secrets.
func (r *redactor) classified(e *connector.Error) *connector.Error {
	clean := &connector.Error{Kind: e.Kind, Table: r.text(e.Table), Hint: r.text(e.Hint)}
	if e.Err != nil {
		clean.Err = r.shield(e.Err, e)
	}
	return clean
}

// error returns a copy of an error without secrets.
func (r *redactor) error(err error) error {
	err = plain(err)
	if e, ok := err.(*connector.Error); ok {
		return r.classified(e)
	}
	return r.shield(err, err)
}

// shield returns an error that says what err does, without secrets, and is
// everything that original is.
func (r *redactor) shield(err, original error) error {
	return &shielded{
		text: r.text(err.Error()),
		kind: connector.KindOf(err),
		is:   func(target error) bool { return errors.Is(original, target) },
		own:  r.ownErrors(nil, err),
	}
}

// ownErrors appends copies of the errors in a chain that are of this module's
// types, without secrets. It does not look into them.
func (r *redactor) ownErrors(found []error, err error) []error {
	switch e := err.(type) {
	case nil:
		return found
	case *connector.Error:
		return append(found, r.classified(e))
	case *connector.TablesError:
		clean := &connector.TablesError{Total: e.Total, Failures: make([]connector.TableFailure, len(e.Failures))}
		for i, f := range e.Failures {
			clean.Failures[i] = connector.TableFailure{Table: r.text(f.Table), Err: r.error(f.Err)}
		}
		return append(found, clean)
	case *schema.RowError:
		// The error of the value's own method stays behind: it may hold the value.
		return append(found, &schema.RowError{
			Table: r.text(e.Table), Column: r.text(e.Column), Want: e.Want, Got: r.text(e.Got), Problem: r.text(e.Problem),
		})
	case *state.Error:
		clean := *e
		clean.Table, clean.Key, clean.Problem = r.text(e.Table), r.text(e.Key), r.text(e.Problem)
		return append(found, &clean)
	case *state.OrderError:
		return append(found, &state.OrderError{Table: r.text(e.Table)})
	case interface {
		Redact(mask func(string) string) error
	}:
		return append(found, e.Redact(r.text))
	case interface{ Unwrap() error }:
		return r.ownErrors(found, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			found = r.ownErrors(found, inner)
		}
	}
	return found
}

// A shielded error stands in for one that may hold secrets: not in its text
// alone, but anywhere in the errors that it wraps.
type shielded struct {
	text string
	kind connector.Kind
	is   func(target error) bool
	own  []error
}

func (e *shielded) Error() string { return e.text }

// GoString keeps fmt's %#v from printing the fields.
func (e *shielded) GoString() string { return e.text }

// Is reports whether the error that it stands in for is the target.
func (e *shielded) Is(target error) bool { return e.is(target) }

// Unwrap returns the errors of this module's types that the error wraps.
func (e *shielded) Unwrap() []error { return e.own }

// Configuration and Temporary keep the kind, see connector.KindOf.
func (e *shielded) Configuration() bool { return e.kind == connector.Configuration }

func (e *shielded) Temporary() bool { return e.kind == connector.Transient }
