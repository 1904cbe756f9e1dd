package host

import (
	"errors"
	"slices"

	"github.com/penstock-sdk/penstock/connector"
)

// Unreported returns the part of the error of the last Sync that no [OpTableEnd]
// has reported. It is nil if the sync succeeded or if it failed only because
// tables failed. If a platform receives the failures of tables individually, the
// host must also report this error.
func (r *Run) Unreported() error { return r.unreported }

// adoptGoexit replaces failures in the error of connector.Tables by the errors that
// the session has recorded for them, which tell whether an OpTableEnd has reported
// them. SyncTables cannot return its error if the function calls runtime.Goexit.
func (s *session) adoptGoexit(err error) {
	failed, ok := errors.AsType[*connector.TablesError](err)
	if !ok || failed == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	exited := map[string]error{}
	for _, f := range s.failures {
		if f.Err.(*unitError).error == errGoexit {
			exited[f.Table] = f.Err
		}
	}
	for i, f := range failed.Failures {
		if known := exited[f.Table]; known != nil {
			failed.Failures[i].Err = known
		}
	}
}

// anyReported reports whether err contains a failure that an OpTableEnd has
// reported.
func anyReported(err error) bool {
	switch e := err.(type) {
	case *unitError:
		return e.reported || anyReported(e.error)
	case *connector.Error:
		return e != nil && anyReported(e.Err)
	case interface{ Unwrap() error }:
		return anyReported(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), anyReported)
	}
	return false
}

// withoutReported returns the error of a sync without the failures that an
// OpTableEnd has reported.
func withoutReported(err error) error {
	if !anyReported(err) {
		return err
	}
	switch e := err.(type) {
	case *unitError:
		if e.reported {
			return nil
		}
		return withoutReported(e.error)
	case *connector.TablesError:
		rest := &connector.TablesError{Total: e.Total}
		for _, f := range e.Failures {
			if withoutReported(f.Err) != nil {
				rest.Failures = append(rest.Failures, f)
			}
		}
		if len(rest.Failures) == 0 {
			return nil
		}
		return rest
	case *connector.Error:
		rest := withoutReported(e.Err)
		if tables, ok := rest.(*connector.TablesError); ok {
			return &connector.Error{Kind: connector.KindOf(tables.Failures[0].Err), Hint: e.Hint, Err: tables}
		}
		if rest == nil {
			return nil
		}
	case interface{ Unwrap() []error }:
		var rest []error
		for _, inner := range e.Unwrap() {
			rest = append(rest, withoutReported(inner))
		}
		return errors.Join(rest...)
	case interface{ Unwrap() error }:
		if withoutReported(e.Unwrap()) == nil {
			return nil
		}
	}
	return err
}
