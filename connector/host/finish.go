package host

import (
	"errors"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
)

// Finish ends a run whose request ended with err, which may be nil. It closes the run,
// logs the failure, passes it to report, and closes lines, in this order. For a wire
// whose response does not consist of lines, lines is nil.
//
// The failure is err, the error of [Run.Close], or both. If there is neither, it is the
// error of lines, such as that of a full disk. If there are both, the log contains both.
// Finish returns the failure as [Run.Classify] does, and nil if the whole
// response was written.
//
// The function report writes a failure to lines, with the sentence that [Run.Explain]
// returns. It is not called for an error of lines. It may be nil, for wires that have
// no line for a failure or that have already written one.
func (r *Run) Finish(err error, lines *LineWriter, report func(failure error, explanation string) error) error {
	failure := r.Classify(errors.Join(err, r.Close()))
	if failure != nil {
		r.logFailure(failure)
		if report != nil {
			_ = report(failure, r.Explain(failure)) // Finish returns the failure of the request instead
		}
	}
	if lines == nil {
		return failure
	}
	if err := lines.Close(); err != nil {
		unwritten := r.Classify(err)
		if failure == nil {
			failure = unwritten
			r.logFailure(failure)
		} else if !strings.Contains(failure.Error(), unwritten.Error()) {
			r.logFailure(unwritten) // the last lines are missing, which failure does not say
		}
	}
	return failure
}

func (r *Run) logFailure(failure error) {
	r.log.Error(r.Explain(failure), "kind", connector.KindOf(failure).String())
}
