package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

// A summary is the result of a sync. Its exported fields are what the flag -json prints.
type summary struct {
	Began           time.Time      `json:"began"`
	Seconds         float64        `json:"seconds"`
	OK              bool           `json:"ok"`
	Error           string         `json:"error,omitempty"`
	ExitStatus      int            `json:"exit_status"`
	Rows            int64          `json:"rows"`
	Lines           int            `json:"lines"`
	Bytes           int64          `json:"bytes"`
	Checkpoints     int            `json:"checkpoints"`
	StateBytes      int            `json:"state_bytes"`
	PeakMemory      int64          `json:"peak_memory_bytes,omitempty"`
	Waits           int            `json:"waits"`
	WaitSeconds     float64        `json:"wait_seconds"`
	Warnings        []string       `json:"warnings,omitempty"`
	Findings        []string       `json:"findings,omitempty"`
	Tables          []tableSummary `json:"tables"`
	furtherWarnings int            // those that Warnings does not hold
	firstState      int            // size of the first state in bytes
	longestPause    time.Duration  // longest time between checkpoints
	lastCheckpoint  time.Time
	state           []byte
}

type tableSummary struct {
	Table string `json:"table"`
	warehouse.Counts
	// Rows is the number of rows that the table has, without deleted ones.
	Rows       int64    `json:"rows"`
	NewColumns []string `json:"new_columns,omitempty"`
	Widened    []string `json:"widened_columns,omitempty"`
	NullOnly   []string `json:"null_only_columns,omitempty"`
	// FirstSync reports whether the table had no rows before this sync.
	FirstSync bool `json:"first_sync,omitempty"`
}

// notes returns what a reader should know about the table besides its counts.
func (t *tableSummary) notes() []string {
	var notes []string
	for _, columns := range []struct {
		what  string
		names []string
	}{{"new columns", t.NewColumns}, {"widened columns", t.Widened}, {"columns with only null", t.NullOnly}} {
		if len(columns.names) > 0 {
			shown := make([]string, len(columns.names))
			for i, column := range columns.names {
				shown[i] = shortened(column, longestName)
			}
			notes = append(notes, columns.what+": "+strings.Join(shown, ", "))
		}
	}
	if n := t.Missed - t.MissedDeletes; n > 0 {
		notes = append(notes, plural(int(n), "update")+" of rows that the warehouse did not have, without effect")
	}
	if n := t.MissedDeletes; n > 0 {
		note := plural(int(n), "delete") + " of rows that the warehouse did not have"
		if t.FirstSync {
			note += ", which is normal in a first sync" // they were deleted before it
		}
		notes = append(notes, note)
	}
	return notes
}

// fewestReplaced is the number of rows of a sync that must have replaced others before a
// sync warns. An inclusive cursor and a page that is requested again repeat a few rows.
const fewestReplaced = 10

// replacing warns of each table in which more than a tenth of the rows replaced a different
// row of the same sync. A row may change while it is read, but hardly that many.
func (s *summary) replacing(w *warehouse.Warehouse) {
	for _, t := range w.Tables() {
		r := &t.Repeats
		if r.Replaced < fewestReplaced || r.Replaced*10 <= r.Written {
			continue
		}
		about := ""
		if r.Estimated() {
			about = "about "
		}
		s.Warnings = append(s.Warnings, fmt.Sprintf("%s: %s%s rows became %s: the primary key may lack a column; see -explain",
			t.Source, about, grouped(r.Written), grouped(r.Written-r.Replaced)))
	}
}

// newSummary starts the summary of a sync from a state and resets the tables' counts.
func newSummary(w *warehouse.Warehouse, state string) *summary {
	for _, t := range w.Tables() {
		t.Counts = warehouse.Counts{}
	}
	now := time.Now()
	return &summary{Began: now.UTC(), lastCheckpoint: now, state: []byte(state), StateBytes: len(state)}
}

// checkpoint counts a checkpoint.
func (s *summary) checkpoint(state []byte) {
	now := time.Now()
	s.longestPause = max(s.longestPause, now.Sub(s.lastCheckpoint))
	s.lastCheckpoint = now
	if s.Checkpoints == 0 {
		s.firstState = len(state)
	}
	s.Checkpoints++
	s.state = append(s.state[:0], state...)
	s.StateBytes = len(state)
}

// mostWarnings is the number of warnings that a summary holds. A connector may print
// warnings without end.
const mostWarnings = 1000

// warn adds a warning, which has been printed.
func (s *summary) warn(text string) {
	if len(s.Warnings) >= mostWarnings {
		s.furtherWarnings++
		return
	}
	s.Warnings = append(s.Warnings, shortened(text, longestMessage/2))
}

// logged counts a log line that reports a wait, in the form that package transport logs.
func (s *summary) logged(line string) {
	if wait, ok := waitOf(line); ok {
		s.Waits++
		s.WaitSeconds += wait.Seconds()
	}
}

// finish adds what is known when the process has exited.
func (s *summary) finish(state *os.ProcessState, status int, b *batches) {
	s.Seconds = time.Since(s.Began).Seconds()
	s.longestPause = max(s.longestPause, time.Since(s.lastCheckpoint))
	s.ExitStatus = status
	if s.furtherWarnings > 0 {
		s.Warnings = append(s.Warnings, grouped(int64(s.furtherWarnings))+" further warnings, which were printed when they occurred")
	}
	s.Lines, s.Bytes = b.lines.Lines(), b.lines.Bytes()
	if state != nil {
		s.PeakMemory = peakMemory(state)
	}
}

// count adds the tables of the warehouse.
func (s *summary) count(w *warehouse.Warehouse, selected *selection) error {
	s.OK = s.Error == ""
	for _, t := range w.Tables() {
		rows, err := w.Live(t)
		if err != nil {
			return err
		}
		ts := tableSummary{Table: t.Source, Counts: t.Counts, Rows: rows, FirstSync: t.Fresh}
		s.Rows += t.Counts.Rows()
		var unfilled []*warehouse.Column // by this sync
		for _, c := range t.Columns {
			if c.New {
				ts.NewColumns = append(ts.NewColumns, c.Source+" "+c.Type.String())
			}
			if c.Widened != 0 {
				ts.Widened = append(ts.Widened, c.Source+" from "+c.Widened.String()+" to "+c.Type.String())
			}
			if t.Counts.Upserts > 0 && c.Filled == 0 && !selected.dropsColumn(t.Source, c.Source) {
				unfilled = append(unfilled, c)
			}
		}
		unfilled, err = w.NeverFilled(t, unfilled)
		if err != nil {
			return err
		}
		for _, c := range unfilled {
			ts.NullOnly = append(ts.NullOnly, c.Source)
		}
		s.Tables = append(s.Tables, ts)
	}
	slices.SortStableFunc(s.Tables, func(a, b tableSummary) int { return strings.Compare(a.Table, b.Table) })
	return nil
}

// readSummary parses a summary that keep has written.
func readSummary(text string) (*summary, error) {
	var s summary
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("parse the last summary: %w", err)
	}
	return &s, nil
}

// keep stores the summary in the warehouse.
func (s *summary) keep(w *warehouse.Warehouse) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return w.KeepSummary(string(text))
}
