package airbyte

import (
	"cmp"

	"github.com/penstock-sdk/penstock/connector"
)

// conclude writes the last messages of a sync that ended with err: the states that are
// missing, the errors, and the last status of each stream. It returns the error of the
// read, which includes tables that failed although the connector continued. Its second
// result reports whether a message has reported the error.
func (d *delivery) conclude(err, unreported error) (failure error, reported bool) {
	if !d.mu.TryLock() {
		return err, false // the reader is stuck in the middle of an operation
	}
	defer d.mu.Unlock()
	if lineErr := d.concludeStates(err == nil); lineErr != nil {
		return cmp.Or(err, lineErr), false
	}
	failed := &connector.TablesError{Total: len(d.streams)}
	for _, s := range d.streams {
		own := s.failure != nil && !isConsequence(s.failure, unreported)
		if own {
			failed.Failures = append(failed.Failures, connector.TableFailure{Table: s.table.Name, Err: s.failure})
		}
		if lineErr := d.concludeStream(s, own, err == nil); lineErr != nil {
			return cmp.Or(err, lineErr), false
		}
	}
	if err == nil && len(failed.Failures) > 0 {
		err = failed
	}
	if unreported != nil {
		unreported = d.run.Classify(unreported)
		if lineErr := d.report(d.run.Explain(unreported), unreported, nil); lineErr != nil {
			return cmp.Or(err, lineErr), false
		}
	}
	return err, unreported != nil || len(failed.Failures) > 0
}

// concludeStates writes the state of each complete stream for which this sync has not
// written one. It is the state that the platform has handed over.
func (d *delivery) concludeStates(succeeded bool) error {
	for _, s := range d.streams {
		if s.stated || !s.isComplete(succeeded) {
			continue
		}
		state := d.saved.streams[nameOf(s.table)].state
		if state == nil {
			state = []byte("{}")
		}
		if err := d.writePart(&streamPart{stream: s, quoted: s.quoted, state: state}); err != nil {
			return err
		}
	}
	return nil
}

// concludeStream writes the last status of a stream, after its own failure if it has
// one.
func (d *delivery) concludeStream(s *stream, failed, succeeded bool) error {
	if failed {
		if err := d.report(d.run.Explain(s.failure), s.failure, &s.descriptor); err != nil {
			return err
		}
	}
	status := statusIncomplete
	if s.isComplete(succeeded) {
		status = statusComplete
	}
	return d.status(s.descriptor, status)
}

// isConsequence reports whether a table has not been read to the end because of an
// error of the whole sync: the table is incomplete, but it has not failed.
func isConsequence(failure *connector.Error, ofSync error) bool {
	return ofSync != nil && (failure.Kind == connector.Interrupted || failure.Error() == ofSync.Error())
}
