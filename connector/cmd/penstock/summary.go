package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
)

// A summary is what became of a sync.
type summary struct {
	Began          time.Time      `json:"began"`
	Seconds        float64        `json:"seconds"`
	OK             bool           `json:"ok"`
	Error          string         `json:"error,omitempty"`
	ExitStatus     int            `json:"exit_status"`
	Rows           int64          `json:"rows"`
	Lines          int            `json:"lines"`
	Bytes          int64          `json:"bytes"`
	Checkpoints    int            `json:"checkpoints"`
	StateBytes     int            `json:"state_bytes"`
	PeakMemory     int64          `json:"peak_memory_bytes,omitempty"`
	Waits          int            `json:"waits"`
	WaitSeconds    float64        `json:"wait_seconds"`
	Warnings       []string       `json:"warnings,omitempty"`
	Findings       []string       `json:"findings,omitempty"`
	Tables         []tableSummary `json:"tables"`
	firstState     int            // bytes of the first state
	longestPause   time.Duration  // between checkpoints
	lastCheckpoint time.Time
	state          []byte
}

type tableSummary struct {
	Table string `json:"table"`
	warehouse.Counts
	// Rows is how many rows the table has that are not deleted.
	Rows       int64    `json:"rows"`
	NewColumns []string `json:"new_columns,omitempty"`
	Widened    []string `json:"widened_columns,omitempty"`
	NullOnly   []string `json:"null_only_columns,omitempty"`
}

func newSummary(w *warehouse.Warehouse, state string) *summary {
	for _, t := range w.Tables() {
		t.Counts = warehouse.Counts{}
	}
	now := time.Now()
	return &summary{Began: now.UTC(), lastCheckpoint: now, state: []byte(state), StateBytes: len(state)}
}

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

// logged counts the waits that a connector logs, as package transport does.
func (s *summary) logged(line string) {
	if wait, ok := waitOf(line); ok {
		s.Waits++
		s.WaitSeconds += wait.Seconds()
	}
}

// finish notes what the process left.
func (s *summary) finish(state *os.ProcessState, status int, b *batches) {
	s.Seconds = time.Since(s.Began).Seconds()
	s.longestPause = max(s.longestPause, time.Since(s.lastCheckpoint))
	s.ExitStatus = status
	s.Lines, s.Bytes = b.lines.Lines(), b.lines.Bytes()
	if state != nil {
		s.PeakMemory = peakMemory(state)
	}
}

// count notes what the warehouse has.
func (s *summary) count(w *warehouse.Warehouse, selected *selection) error {
	s.OK = s.Error == ""
	for _, t := range w.Tables() {
		rows, err := w.Live(t)
		if err != nil {
			return err
		}
		ts := tableSummary{Table: t.Source, Counts: t.Counts, Rows: rows}
		s.Rows += t.Counts.Rows()
		for _, c := range t.Columns {
			if c.New {
				ts.NewColumns = append(ts.NewColumns, c.Source+" "+c.Type.String())
			}
			if c.Widened != 0 {
				ts.Widened = append(ts.Widened, c.Source+" from "+c.Widened.String()+" to "+c.Type.String())
			}
			if t.Counts.Upserts > 0 && c.Filled == 0 && !selected.dropsColumn(t.Source, c.Source) {
				ts.NullOnly = append(ts.NullOnly, c.Source)
			}
		}
		s.Tables = append(s.Tables, ts)
	}
	slices.SortStableFunc(s.Tables, func(a, b tableSummary) int {
		switch {
		case a.Table < b.Table:
			return -1
		case a.Table > b.Table:
			return 1
		}
		return 0
	})
	return nil
}

func readSummary(text string) (*summary, error) {
	var s summary
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("the last summary: %w", err)
	}
	return &s, nil
}

// keep writes the summary into the warehouse, to be read later.
func (s *summary) keep(w *warehouse.Warehouse) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return w.KeepSummary(string(text))
}
