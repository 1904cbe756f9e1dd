package airbyte

import (
	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
)

// A stream is a configured stream that the source has, and the progress of its sync.
type stream struct {
	descriptor descriptor
	table      *schema.Table // as discovered
	quoted     string        // the descriptor as JSON
	// markDeselected is set if the configured catalog lists columns without the one that
	// marks a deleted row. That column is delivered anyway.
	markDeselected bool
	overwrites     bool // the destination replaces the rows of earlier syncs

	running bool // its second status was written
	stated  bool // a state was written
	// done is set when the table has been read to the end and the last state of the
	// stream covers it.
	done    bool
	failure *connector.Error // of the last end of the table, or nil

	records int64 // since the last state
	total   int64 // records of the sync

	warned struct{ truncate, deleted bool }
}

func newStream(d descriptor, t *schema.Table) *stream {
	return &stream{descriptor: d, table: t, quoted: d.quoted()}
}

// isComplete reports whether the stream is complete in a sync that has succeeded or
// failed. A sync can succeed although it has ended early: the state resumes there.
func (s *stream) isComplete(succeeded bool) bool { return s.failure == nil && (succeeded || s.done) }
