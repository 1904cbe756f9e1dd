package connectortest

import (
	"slices"

	"github.com/penstock-sdk/penstock/connector/host"
)

// The fixes of resumed syncs that fail or deliver other rows than they should.
const (
	fixResumeFails = "read the error: a sync must accept every state that a checkpoint has saved; save only values from rows and responses, and treat a position at the end of the source as one without new rows"
	fixEndsEarly   = "read every page to its end: the sync that resumed delivered rows of this table, but not the last ones; look at the end of its loop over the pages, at the pointer to the next page, and at the parameters that a resumed request has in addition to those of a first one"
	fixValues      = "deliver the same values in every sync: pass only whole rows to Upsert, and take each value from the source, not from the state or from a row that only an earlier sync has read"
	fixDeletes     = "deliver each delete again when a sync resumes before it: call Delete before the checkpoint that covers it, and read deleted rows from the cursor's value on, like other rows"
	fixUnexpected  = "deliver the same rows and deletes in every sync: a sync that resumes delivers each delete again, in the order of the source; it calls Truncate only where it reads the table from its start"
)

// resumeFix returns the fix for a sync that was resumed and whose rows differ from
// those of an uninterrupted one. resumed are the operations of the sync that resumed.
func resumeFix(s *suite, r rule, differences []*tableDifferences, resumed []appliedOperation) string {
	if fix := s.findings.causeFix(); fix != "" && s.findings.cause != r.name {
		return fix
	}
	counts := map[differenceKind]int{}
	total, early := 0, true
	for _, d := range differences {
		for kind, n := range d.kinds {
			counts[kind] += n
		}
		total += len(d.all)
		early = early && d.lacksOnlyTheEnd() && deliversTo(resumed, d.name)
	}
	switch {
	case early:
		return fixEndsEarly
	case counts[valueDiffers] == total:
		return fixValues
	case counts[rowNotDeleted] == total:
		return fixDeletes
	case counts[rowUnexpected] == total:
		return fixUnexpected
	}
	return r.fix
}

// deliversTo reports whether one of the operations upserts a row of a table.
func deliversTo(operations []appliedOperation, table string) bool {
	return slices.ContainsFunc(operations, func(op appliedOperation) bool {
		return op.kind == host.OpUpsert && op.table.String() == table
	})
}
