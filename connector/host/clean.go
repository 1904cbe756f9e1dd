package host

import (
	"errors"
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// fail converts err into an error that may leave the run: classified and without
// secrets. If a method of err panics, the result is a defect.
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

// classified returns a copy of e without secrets.
func (r *redactor) classified(e *connector.Error) *connector.Error {
	clean := &connector.Error{Kind: e.Kind, Table: r.text(e.Table), Hint: r.text(e.Hint)}
	if e.Err != nil {
		clean.Err = r.shield(e.Err, e)
	}
	return clean
}

// error returns a copy of err without secrets.
func (r *redactor) error(err error) error {
	err = plain(err)
	if e, ok := err.(*connector.Error); ok {
		return r.classified(e)
	}
	return r.shield(err, err)
}

// shield returns an error with the text of err, without secrets. errors.Is matches
// it against every target that original matches.
func (r *redactor) shield(err, original error) error {
	return &shielded{
		text: r.text(err.Error()),
		kind: connector.KindOf(err),
		is:   func(target error) bool { return errors.Is(original, target) },
		own:  r.ownErrors(nil, err),
	}
}

// ownErrors appends copies, without secrets, of the errors in the tree of err
// that have a type from this module. It does not descend into them.
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
		// The cause is dropped, because the error of a value's method may contain
		// the value.
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

// A shielded error replaces an error that may contain secrets in its text or in
// the errors that it wraps.
type shielded struct {
	text string
	kind connector.Kind
	is   func(target error) bool
	own  []error
}

func (e *shielded) Error() string { return e.text }

// GoString prevents the verb %#v of fmt from printing the fields.
func (e *shielded) GoString() string { return e.text }

// Is reports whether errors.Is matches the original error against target.
func (e *shielded) Is(target error) bool { return e.is(target) }

// Unwrap returns copies of the wrapped errors that have a type from this
// module.
func (e *shielded) Unwrap() []error { return e.own }

// Configuration and Temporary preserve the kind; see connector.KindOf.
func (e *shielded) Configuration() bool { return e.kind == connector.Configuration }

func (e *shielded) Temporary() bool { return e.kind == connector.Transient }
