package main

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
)

// An explainer looks at rows for what authors otherwise find out in production.
// Its memory is bounded, whatever comes.
type explainer struct {
	began   time.Time
	seed    maphash.Seed
	tables  map[*warehouse.Table]*watchedTable
	current *watchedTable
}

func newExplainer(began time.Time) *explainer {
	return &explainer{began: began, seed: maphash.MakeSeed(), tables: map[*warehouse.Table]*watchedTable{}}
}

// Row implements [warehouse.Observer].
func (e *explainer) Row(t *warehouse.Table, op stdin.Op) {
	if e.current != nil {
		e.current.close()
	}
	w := e.tables[t]
	if w == nil {
		w = &watchedTable{explainer: e, rows: map[uint64]uint64{}, columns: map[*warehouse.Column]*watchedColumn{}}
		w.key.SetSeed(e.seed)
		w.row.SetSeed(e.seed)
		e.tables[t] = w
	}
	w.op, w.open = op, true
	w.key.Reset()
	w.row.Reset()
	e.current = w
}

// Value implements [warehouse.Observer].
func (e *explainer) Value(_ *warehouse.Table, c *warehouse.Column, value []byte) {
	w := e.current
	into := &w.row
	if c.PrimaryKey {
		into = &w.key
	}
	_, _ = into.WriteString(c.Name) // a hash takes everything
	_, _ = into.Write(value)
	if w.op != stdin.Upsert {
		return
	}
	watched := w.columns[c]
	if watched == nil {
		watched = &watchedColumn{}
		w.columns[c] = watched
	}
	watched.look(c, value, e.began)
}

// conclude adds what was found to a summary.
func (e *explainer) conclude(s *summary) {
	if e.current != nil {
		e.current.close()
	}
	find := func(format string, args ...any) { s.Findings = append(s.Findings, fmt.Sprintf(format, args...)) }
	switch {
	case s.Checkpoints == 0:
		find("there was no checkpoint: a sync that dies begins from nothing again")
	case s.longestPause > 10*time.Minute:
		find("there were %v without a checkpoint: what came in between comes again when the sync dies; every 10 minutes at least is good", s.longestPause.Round(time.Second))
	}
	if s.StateBytes > 10<<10 && s.StateBytes > 2*s.firstState {
		find("the state grew from %s to %s: it should say where to go on, not what was read", size(int64(s.firstState)), size(int64(s.StateBytes)))
	}
	tables := make([]*warehouse.Table, 0, len(e.tables))
	for t := range e.tables {
		tables = append(tables, t)
	}
	slices.SortFunc(tables, func(a, b *warehouse.Table) int { return strings.Compare(a.Source, b.Source) })
	for _, t := range tables {
		e.tables[t].conclude(t, s.state, find)
	}
	for _, t := range s.Tables {
		if len(t.NullOnly) > 0 {
			find("%s: no value ever came in %s", t.Table, strings.Join(t.NullOnly, ", "))
		}
	}
}
