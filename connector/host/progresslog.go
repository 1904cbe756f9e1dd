package host

import "time"

// logProgress logs the rows of each table that has delivered rows since the last
// call. It updates before, the number of rows by table.
func (s *session) logProgress(before map[string]int64, interval time.Duration) {
	for _, t := range s.names.All() {
		name, rows := t.String(), t.rows()
		if rows > before[name] {
			rate := float64(rows-before[name]) / interval.Seconds()
			s.run.log.Info("syncing", "table", name, "rows", rows, "rows_per_second", int64(rate))
		}
		before[name] = rows
	}
}

// logSummary logs the number of operations of each table and of the whole sync, and
// the tables that the connector has forgotten to cover.
func (s *session) logSummary(began time.Time) {
	took := time.Since(began)
	var total int64
	for _, t := range s.names.All() {
		if !t.selected {
			s.run.log.Info("table not selected", "table", t.String())
			continue
		}
		total += t.rows()
		what := "table synced"
		if s.hasFailed(t) {
			what = "table failed, with these operations"
		}
		s.run.log.Info(what, "table", t.String(), "upserts", t.upserts.Load(),
			"updates", t.updates.Load(), "deletes", t.deletes.Load(), "truncates", t.truncates.Load())
	}
	for _, name := range s.doc.Uncovered() {
		s.run.log.Warn("each sync reads the whole table, because the connector has not called State.Cover after State.Missed returned the table", "table", name)
	}
	s.run.log.Info("sync ended", "rows", total, "took", took.Round(time.Millisecond).String(),
		"rows_per_second", int64(float64(total)/max(took.Seconds(), 1e-3)))
}

// hasFailed reports whether a table has failed.
func (s *session) hasFailed(t *table) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.failed != nil
}
