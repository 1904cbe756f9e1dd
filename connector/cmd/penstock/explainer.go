package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// An explainer checks rows for problems that otherwise appear in production. Its memory
// is bounded, regardless of the number of rows.
type explainer struct {
	began   time.Time
	tables  map[*warehouse.Table]*examinedTable
	current *examinedTable
}

func newExplainer(began time.Time) *explainer {
	return &explainer{began: began, tables: map[*warehouse.Table]*examinedTable{}}
}

// Row implements [warehouse.Observer].
func (e *explainer) Row(table *warehouse.Table, op stdin.Op) {
	t := e.tables[table]
	if t == nil {
		t = &examinedTable{columns: map[*warehouse.Column]*examinedColumn{}}
		e.tables[table] = t
	}
	t.op = op
	e.current = t
}

// Value implements [warehouse.Observer].
func (e *explainer) Value(_ *warehouse.Table, column *warehouse.Column, value []byte) {
	t := e.current
	if t.op != stdin.Upsert {
		return
	}
	c := t.columns[column]
	if c == nil {
		c = &examinedColumn{}
		t.columns[column] = c
	}
	c.look(column, value, e.began)
}

// conclude adds the findings to a summary.
func (e *explainer) conclude(s *summary) {
	find := func(format string, args ...any) { s.Findings = append(s.Findings, fmt.Sprintf(format, args...)) }
	switch {
	case s.Checkpoints == 0:
		find("there was no checkpoint: a sync that is interrupted starts from the beginning again")
	case s.longestPause > 10*time.Minute:
		find("there was no checkpoint for %v: after an interruption, the rows of that time are delivered again; send a checkpoint at least every 10 minutes", s.longestPause.Round(time.Second))
	}
	if s.StateBytes > 10<<10 && s.StateBytes > 2*s.firstState {
		find("the state grew from %s to %s: it should hold the position to resume from, not everything that was read", size(int64(s.firstState)), size(int64(s.StateBytes)))
	}
	bySource := func(a, b *warehouse.Table) int { return strings.Compare(a.Source, b.Source) }
	for _, table := range slices.SortedFunc(maps.Keys(e.tables), bySource) {
		e.tables[table].conclude(table, s.state, find)
	}
	for _, t := range s.Tables {
		if len(t.NullOnly) > 0 {
			find("%s: columns that never had a value: %s", t.Table, strings.Join(t.NullOnly, ", "))
		}
	}
}
