package connectortest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/penstock-sdk/penstock/schema"
)

var progressRule = rule{
	name:     "Progress",
	contract: "a sync that is interrupted does not start from the beginning again: once a table has been read to its end, a checkpoint saves its position, and does not wait for other tables",
	fix:      "keep the position of a table in that table's own part of the state, with state.NewCursor, state.NewPartitions or State.Table and the name of that table: the checkpoints of the function that reads the table save no other part",
	check:    checkProgress,
}

// minProgressRows is the number of rows that a table must have before the log says
// that no checkpoint saves its position. A smaller table has no middle.
const minProgressRows = 5

// maxAskedStates is the number of tables for which Progress runs further syncs. Only
// the positions of tables without one of their own need them.
const maxAskedStates = 6

// A progress is what the suite knows about the positions of the tables.
type progress struct {
	*check
	suite    *suite
	baseline *delivery
	states   []json.RawMessage
	rows     map[string][]int // positions of the rows of the baseline, by table
	asked    int              // tables for which further syncs have run
}

func checkProgress(s *suite, c *check) {
	baseline := s.baseline(c)
	p := &progress{check: c, suite: s, baseline: baseline, states: baseline.platform.States(), rows: rowPositions(baseline.platform.operations())}
	again, ok := p.deliveredFrom(baseline.state)
	if !ok {
		c.Logf("nothing is tested, because a sync from the last state fails")
		return
	}
	for _, t := range allTables(s, c, baseline) {
		if n := len(p.rows[t.String()]); n == 0 || len(again[t.String()]) >= n {
			continue // each sync reads the whole table
		}
		p.checkEnd(t)
		p.logMiddle(t)
	}
}

// deliveredFrom returns the positions of the rows that a sync from a state delivers, by
// table. It returns false if the sync fails.
func (p *progress) deliveredFrom(state json.RawMessage) (rows map[string][]int, ok bool) {
	d := p.suite.sync(p.Context(), attempt{from: state})
	return rowPositions(d.platform.operations()), d.err == nil
}

// checkEnd fails if the position of a table was not saved when the table had been
// read to its end, because it is in the part of another table.
//
// A position in the shared part may wait for the end of the sync: the connector may
// have to read all tables before it moves. A table that follows another one has the
// position of that table.
func (p *progress) checkEnd(t *schema.Table) {
	n, ended := p.baseline.completed[t.String()]
	if !ended || t.Follows != "" || n == 0 || n == len(p.states) {
		return
	}
	then := p.states[n-1]
	if own := partOf(then, t); positionOf(own) != "" && bytes.Equal(own, partOf(p.baseline.state, t)) {
		return
	}
	if p.asked++; p.asked > maxAskedStates || bytes.Equal(then, p.baseline.state) || p.reduces(then, t) {
		return
	}
	before, after := partsOf(then), partsOf(p.baseline.state)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if bytes.Equal(before[name], after[name]) {
			continue
		}
		with := maps.Clone(before)
		if with == nil {
			with = map[string]json.RawMessage{}
		}
		with[name] = after[name]
		state, err := json.Marshal(with)
		if err != nil || !p.reduces(state, t) {
			continue
		}
		switch own := name == t.Name || name == t.String(); {
		case name == sharedPart:
			p.Logf("the position of table %s is in the shared part of the state, which is saved when the whole sync ends: if another table fails, the next sync reads this one from the beginning", t)
		case own:
			p.Logf("the position of table %s was not saved when the table had been read, but only later", t)
		default:
			p.failf("table %s had been read to its end, but the state that was saved then does not contain its position: the position is in the part %q, which was saved later\nthe state then: %s\nthe last state: %s", t, name, then, p.baseline.state)
		}
		return
	}
}

// reduces reports whether a sync from a state delivers fewer rows of a table than a
// first sync.
func (p *progress) reduces(state json.RawMessage, t *schema.Table) bool {
	rows, ok := p.deliveredFrom(state)
	return ok && len(rows[t.String()]) < len(p.rows[t.String()])
}

// logMiddle logs that no checkpoint among the rows of a table saves a position. A
// correct connector may do that, for example if its source is not sorted.
func (p *progress) logMiddle(t *schema.Table) {
	platform := p.baseline.platform
	rows := p.rows[t.String()]
	if len(rows) < minProgressRows || t.Follows != "" { // the other table has the position
		return
	}
	first, last := platform.checkpointsBefore(rows[0]), platform.checkpointsBefore(rows[len(rows)-1])
	if first == last {
		p.logNoCheckpoint(t, len(rows))
		return
	}
	own := positionOf(partOf(p.baseline.state, t)) != ""
	position := func(state json.RawMessage) string {
		if part := positionOf(partOf(state, t)); own || part != "" {
			return part // other tables save theirs at the same time
		}
		return string(state) // the position is somewhere else
	}
	before := json.RawMessage("{}")
	if first > 0 {
		before = p.states[first-1]
	}
	if position(p.states[last-1]) != position(before) {
		return
	}
	use, known := p.baseline.use.Tables[t.String()]
	if use.Sorted { // each checkpoint of the function that reads the table would save the cursor
		p.logNoCheckpoint(t, len(rows))
		return
	}
	advice := "if the source returns its rows sorted by the cursor's value, pass state.Sorted to the cursor, and call Checkpoint after each page or row"
	if known && !use.Cursor {
		advice = "save the position and call Checkpoint after each page or row"
	}
	p.Logf("table %s: none of the %d checkpoints among its %d rows saves a new position of the table, so a sync that is interrupted there reads the table from its start again: %s", t, last-first, len(rows), advice)
}

// logNoCheckpoint logs that the connector makes no checkpoint among the rows of a table.
func (p *progress) logNoCheckpoint(t *schema.Table, rows int) {
	p.Logf("table %s: there is no checkpoint of the table among its %d rows, so a sync that is interrupted there reads the table from its start again: call Checkpoint after each page or row", t, rows)
}
