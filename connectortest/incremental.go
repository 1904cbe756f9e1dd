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
	contract: "a sync that starts from the last state of another one, while the source does not change, delivers only rows that the first one delivered, changes no data, and leaves the same state; a state that is an hour ahead, because the clock of the source is ahead, does no harm",
	fix:      "read every page to its end; save only values from rows and responses in the state, and nothing that grows with each sync; deliver whole rows; if the source draws a value of the state anew each time, name it in the option VolatileState",
	check:    checkIncremental,
}

func checkIncremental(s *suite, c *check) {
	baseline := s.baseline(c)
	delivered := upsertedRows(s, baseline.platform.operations())
	platform := baseline.platform.AsOf(len(baseline.platform.States()) - 1)
	before := len(platform.operations())
	second := s.sync(c.Context(), attempt{from: platform.lastState(), platform: platform})
	if second.err != nil {
		c.fatalf("a second sync failed: %s", second.failure())
	}
	for row := range upsertedRows(s, platform.operations()[before:]) {
		if !delivered[row] {
			c.failf("the second sync delivered a row that the first one did not deliver:\n    %s", row)
			break
		}
	}
	again := map[string]int{}
	for _, op := range platform.operations()[before:] {
		if op.kind == host.OpUpsert && len(op.table.PrimaryKey()) == 0 {
			again[op.table.String()]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(again)) {
		c.Logf("table %s has no primary key, and the second sync delivered %d of its rows again, so a platform stores them twice: truncate the table first, or declare a primary key", name, again[name])
	}
	if diff := s.compareResumed().diff(platform, baseline.platform); diff != "" {
		c.failf("the second sync changed the data on the platform:\n%s", diff)
	}
	wantSameState(s, c, "the second sync", baseline, second)
	// A later sync must not grow or change the state, either.
	third := s.sync(c.Context(), attempt{from: platform.lastState(), platform: platform})
	if third.err != nil {
		c.fatalf("a third sync failed: %s", third.failure())
	}
	wantSameState(s, c, "the third sync", second, third)
	checkStateAhead(s, c, delivered)
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
		c.failf("a sync from a state that is an hour ahead failed: %s\nthe state: %s", d.failure(), ahead)
		return
	}
	for row := range upsertedRows(s, platform.operations()[before:]) {
		if !delivered[row] {
			c.failf("a sync from a state that is an hour ahead delivered a row that the first one did not deliver:\n    %s\nthe state: %s", row, ahead)
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
