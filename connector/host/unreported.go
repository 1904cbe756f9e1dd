package host

import (
	"errors"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
)

// Unreported returns what of the last Sync's error no [OpTableEnd] has told. It
// is nil if the sync succeeded, or failed only because tables did. A platform
// that is told about the failures of tables one by one is told this beside them.
func (r *Run) Unreported() error { return r.rest }

// anyTold reports whether an error holds a failure that was told as the end of a
// table.
func anyTold(err error) bool {
	switch e := err.(type) {
	case *unitError:
		return e.told || anyTold(e.error)
	case *connector.Error:
		return e != nil && anyTold(e.Err)
	case interface{ Unwrap() error }:
		return anyTold(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), anyTold)
	}
	return false
}

// withoutTold returns what remains of a sync's error without the failures that
// were told as the ends of tables.
func withoutTold(err error) error {
	if !anyTold(err) {
		return err
	}
	switch e := err.(type) {
	case *unitError:
		if e.told {
			return nil
		}
		return withoutTold(e.error)
	case *connector.TablesError:
		rest := &connector.TablesError{Total: e.Total}
		for _, f := range e.Failures {
			if withoutTold(f.Err) != nil {
				rest.Failures = append(rest.Failures, f)
			}
		}
		if len(rest.Failures) == 0 {
			return nil
		}
		return rest
	case *connector.Error:
		rest := withoutTold(e.Err)
		if tables, ok := rest.(*connector.TablesError); ok {
			return &connector.Error{Kind: connector.KindOf(tables.Failures[0].Err), Hint: e.Hint, Err: tables}
		}
		if rest == nil {
			return nil
		}
	case interface{ Unwrap() []error }:
		var rest []error
		for _, inner := range e.Unwrap() {
			rest = append(rest, withoutTold(inner))
		}
		return errors.Join(rest...)
	case interface{ Unwrap() error }:
		if withoutTold(e.Unwrap()) == nil {
			return nil
		}
	}
	return err
}
