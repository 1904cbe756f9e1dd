package connectortest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector/host"
)

var incrementalRule = rule{
	name:     "Incremental",
	contract: "a sync that starts from the last state of another one, while the source does not change, delivers only rows that the first one delivered, changes no data, and leaves the same state; a table that has a cursor saves a position; a state that is an hour ahead, because the clock of the source is ahead, does no harm",
	fix:      "save only values from rows and responses in the state, and nothing that grows with each sync; if the source draws a value of the state anew each time, name it in the option VolatileState",
	check:    checkIncremental,
}

// The fixes of second syncs that fail or deliver other rows than they should.
const (
	fixEndedEarly  = "read every page to its end in a first sync, too: it ended before all rows were read. Look at the pointer to the next page, at the page size and at the end of the loop over the pages; if these are right, deliver the same columns of a row in every sync"
	fixChangedData = "deliver whole rows with Upsert, and call Truncate only in a sync that then delivers the whole table"
	fixNeverMoved  = "call Advance of the cursor with the value of each row after the row has been delivered; Advance ignores zero values, which a decoder leaves for a null and time.Parse for a text in another layout, so return the error of the conversion; if the table has no value to resume from, do not create a cursor"
	fixStateAhead  = "treat a position that is later than every row as one without new rows, and take no row's value from the clock or the state"
)

func checkIncremental(s *suite, c *check) {
	baseline := s.baseline(c)
	delivered := upsertedRows(s, baseline.platform.operations())
	platform := baseline.platform.AsOf(len(baseline.platform.States()) - 1)
	before := len(platform.operations())
	second := s.sync(c.Context(), attempt{from: platform.lastState(), platform: platform})
	if second.err != nil {
		c.fatalWithf(fixResumeFails, "a second sync failed: %s", second.failure())
	}
	again := platform.operations()[before:]
	for row := range upsertedRows(s, again) {
		if !delivered[row] {
			c.failWithf(fixEndedEarly, "the second sync delivered a row that the first one did not deliver:\n    %s", row)
			break
		}
	}
	checkCursors(s, c, baseline, rowPositions(again))
	logAppendedRows(c, again)
	if diff := s.compareResumed().diff(platform, baseline.platform); diff != "" {
		c.failWithf(fixChangedData, "the second sync changed the data on the platform:\n%s", diff)
	}
	wantSameState(s, c, "the second sync", baseline, second)
	// A later sync must not grow or change the state, either.
	third := s.sync(c.Context(), attempt{from: platform.lastState(), platform: platform})
	if third.err != nil {
		c.fatalWithf(fixResumeFails, "a third sync failed: %s", third.failure())
	}
	wantSameState(s, c, "the third sync", second, third)
	checkStateAhead(s, c, delivered)
}

// checkCursors fails for each table with a cursor that never moved, so that a second
// sync, which has delivered the rows again, reads the whole table. It logs the tables
// that are read in full without a cursor: a connector may do that on purpose.
func checkCursors(s *suite, c *check, baseline *delivery, again map[string][]int) {
	rows := rowPositions(baseline.platform.operations())
	for _, t := range allTables(s, c, baseline) {
		use, known := baseline.use.Tables[t.String()]
		n := len(rows[t.String()])
		if !known || n == 0 || len(again[t.String()]) < n || t.Follows != "" {
			continue
		}
		switch saved := positionOf(partOf(baseline.state, t)) != ""; {
		case use.Cursor && !use.Moved && !saved:
			c.failWithf(fixNeverMoved, "table %s: the sync delivered %d rows, but the cursor of the table never moved, so the next sync reads everything again\nthe state: %s", t, n, baseline.state)
		case !use.Cursor && !saved:
			c.Logf("table %s is read in full in each sync (%d rows): if the source can return the rows that have changed, use a cursor", t, n)
		}
	}
}

// logAppendedRows logs the tables without a primary key to which a second sync appends
// rows. A table that it truncates first has each row once.
func logAppendedRows(c *check, operations []appliedOperation) {
	appended, truncated := map[string]int{}, map[string]bool{}
	for _, op := range operations {
		switch {
		case op.table == nil || len(op.table.PrimaryKey()) > 0:
		case op.kind == host.OpTruncate:
			truncated[op.table.String()] = true
		case op.kind == host.OpUpsert:
			appended[op.table.String()]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(appended)) {
		if !truncated[name] {
			c.Logf("table %s has no primary key, and the second sync delivered %d of its rows again, so a platform stores them twice: truncate the table first, or declare a primary key", name, appended[name])
		}
	}
}

// checkStateAhead runs a sync from a state whose instants are an hour later.
func checkStateAhead(s *suite, c *check, delivered map[string]bool) {
	baseline := s.baseline(c)
	ahead, ok := shiftInstants(baseline.state, time.Hour)
	if !ok {
		return
	}
	platform := baseline.platform.AsOf(len(baseline.platform.States()) - 1)
	before := len(platform.operations())
	d := s.sync(c.Context(), attempt{from: ahead, platform: platform})
	if d.err != nil {
		c.failWithf(fixStateAhead, "a sync from a state that is an hour ahead failed: %s\nthe state: %s", d.failure(), ahead)
		return
	}
	for row := range upsertedRows(s, platform.operations()[before:]) {
		if !delivered[row] {
			c.failWithf(fixStateAhead, "a sync from a state that is an hour ahead delivered a row that the first one did not deliver:\n    %s\nthe state: %s", row, ahead)
			return
		}
	}
}

// upsertedRows returns the upserted rows as text, each with its table.
func upsertedRows(s *suite, operations []appliedOperation) map[string]bool {
	rows := map[string]bool{}
	for _, op := range operations {
		if op.kind == host.OpUpsert {
			ignored := s.compareResumed().ignored(&tableRows{table: op.table})
			rows[op.table.String()+" "+op.row.withoutNulls().without(ignored).text()] = true
		}
	}
	return rows
}

// shiftInstants returns a state whose instants are later, and whether it contains
// any. It shifts only instants that are text, because a number may mean something else.
func shiftInstants(state json.RawMessage, by time.Duration) (json.RawMessage, bool) {
	dec := json.NewDecoder(bytes.NewReader(state))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, false
	}
	found := false
	var shift func(v any) any
	shift = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name := range v {
				v[name] = shift(v[name])
			}
		case []any:
			for i := range v {
				v[i] = shift(v[i])
			}
		case string:
			if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
				found = true
				return at.Add(by).Format(time.RFC3339Nano)
			}
		}
		return v
	}
	text, err := json.Marshal(shift(v))
	return text, found && err == nil
}
