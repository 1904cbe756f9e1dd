package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

var reselectionRule = rule{
	name:     "Reselection",
	contract: "a table arrives completely, however late the user selects it: after a first sync without the table, after a sync without it between two others, and after its part of the state was reset, a sync delivers every row that the platform lacks",
	fix:      "keep the position of each table in that table's own part of the state, with state.NewCursor, state.NewPartitions or State.Table, because the runtime does not save the part of a table that is not selected; let a table whose rows come with those of another one follow that table (schema.Table.Following); don't skip a table because another one has been read, or because the table was not selected before",
	random:   true,
	check:    checkReselection,
}

// The fixes of connectors that deliver too little after a table was selected again.
const (
	fixSharedPosition = "don't decide from the shared part of the state alone what has been read, because it is also saved while a table is not selected. Keep the position of each table in that table's own part, with state.NewCursor or State.Table. If the tables share one position, as in a log, truncate the tables that State.Missed returns, because rows may have been deleted in the meantime, deliver all their rows, and call State.Cover for each"
	fixReset          = "keep everything that says how far a table was read in the table's own part of the state, and nowhere else: a user who resets the table removes that part, and expects all rows again. Let a table whose rows come with those of another one follow that table (schema.Table.Following)"
)

// reselectedTables is the number of tables that Reselection deselects and resets.
const reselectedTables = 6

func checkReselection(s *suite, c *check) {
	baseline := s.baseline(c)
	rows := rowPositions(baseline.platform.operations())
	tables := slices.DeleteFunc(allTables(s, c, baseline), func(t *schema.Table) bool { return len(rows[t.String()]) == 0 })
	chosen := sample(c.rand, len(tables), reselectedTables)
	if len(chosen) < len(tables) {
		c.Logf("the test deselects and resets %d of %d tables", len(chosen), len(tables))
	}
	for _, n := range chosen {
		if !selectLater(s, c, tables[n]) || !resetAlone(s, c, tables[n], tables) {
			return // other tables fail for the same reason
		}
	}
	for range min(len(chosen), 2) {
		t := tables[chosen[c.rand.IntN(len(chosen))]]
		if !deselectBetween(s, c, t, rows[t.String()]) {
			return
		}
	}
}

// selectLater runs a first sync without a table, and then one with it.
func selectLater(s *suite, c *check, t *schema.Table) (ok bool) {
	return reselect(s, c, t, &Platform{}, "a first sync ran without table "+t.String())
}

// deselectBetween cuts a sync off among the rows of a table, whose positions among the
// operations are rows. The next sync runs without the table, and then one runs with it.
func deselectBetween(s *suite, c *check, t *schema.Table, rows []int) (ok bool) {
	platform := s.baseline(c).platform
	n := platform.checkpointsBefore(rows[c.rand.IntN(len(rows))])
	if n == 0 {
		return true // selectLater starts without a state, too
	}
	history := fmt.Sprintf("a sync was %s, and the next one ran without table %s", cutAfterCheckpoint(n-1, len(platform.States())), t)
	return reselect(s, c, t, platform.AsOf(n-1), history)
}

// reselect runs a sync without a table, and then one with everything, which must
// deliver the rows that the platform lacks. history describes the first of them.
func reselect(s *suite, c *check, t *schema.Table, platform *Platform, history string) (ok bool) {
	selection, err := json.Marshal(map[string]any{t.Schema: map[string]any{t.Name: false}})
	if err != nil {
		c.fatalf("%s: %v", history, err)
	}
	without := s.sync(c.Context(), attempt{from: platform.lastState(), platform: platform, selection: selection})
	if without.err != nil {
		c.failWithf(fixResumeFails, "%s; it failed: %s", history, without.failure())
		return false
	}
	state := platform.lastState()
	with := s.sync(c.Context(), attempt{from: state, platform: platform})
	if with.err != nil {
		c.failWithf(fixResumeFails, "%s; a sync with the table failed: %s\nthe state: %s", history, with.failure(), state)
		return false
	}
	if diff := s.compareResumed().diff(platform, s.baseline(c).platform); diff != "" {
		c.failWithf(reselectionFix(s, c.rule, state), "%s; after another one with the table, the rows differ from those of one sync with everything:\n%s\nthe state before the last sync: %s", history, diff, state)
		return false
	}
	return true
}

// resetAlone removes the part of a table from the last state. A sync from there must
// deliver all rows of the table. A table without a part must arrive completely in every
// sync, because nothing tells the connector that a user has reset it.
func resetAlone(s *suite, c *check, t *schema.Table, all []*schema.Table) (ok bool) {
	baseline := s.baseline(c)
	state := withoutPart(baseline.state, partNames(t, all))
	d := s.sync(c.Context(), attempt{from: state})
	if d.err != nil {
		c.failWithf(fixResumeFails, "the part of table %s was removed from the last state; a sync from there failed: %s\nthe state: %s", t, d.failure(), state)
		return false
	}
	compare := s.compareResumed()
	compare.only = t.String()
	diff := compare.diff(d.platform, baseline.platform)
	if diff == "" {
		return true
	}
	fix, removed := fixReset, "the part of table %s was removed from the last state, as a user does who resets the table"
	if bytes.Equal(state, baseline.state) {
		fix = reselectionFix(s, c.rule, state)
		removed = "the last state has no part for table %s, so a user who resets the table removes its rows and changes nothing in the state"
	}
	c.failWithf(fix, removed+"; a sync from there did not deliver the whole table:\n%s\nthe state: %s", t, diff, state)
	return false
}

// reselectionFix returns the fix for rows that are missing after a sync from a state.
func reselectionFix(s *suite, r rule, state json.RawMessage) string {
	if fix := s.findings.causeFix(); fix != "" {
		return fix
	}
	if parts := partsOf(state); len(parts[sharedPart]) > len("{}") {
		return fixSharedPosition
	}
	return r.fix
}
