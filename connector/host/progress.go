package host

import "time"

// tend logs progress and sends overdue checkpoints at their intervals until the
// session ends.
func (s *session) tend(o *options) {
	progress, stopProgress := ticks(o.progressInterval)
	defer stopProgress()
	states, stopStates := ticks(o.checkpointInterval)
	defer stopStates()
	before := map[string]int64{}
	for {
		select {
		case <-s.ended:
			return
		case <-states:
			s.sendOverdue()
		case <-progress:
			s.logProgress(before, o.progressInterval)
		}
	}
}

// ticks returns the channel of a ticker and a function that stops it. If the
// interval is not positive, the channel never receives.
func ticks(interval time.Duration) (<-chan time.Time, func()) {
	if interval <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(interval)
	return t.C, t.Stop
}

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

// logSummary logs the number of operations of each table and of the whole sync.
func (s *session) logSummary(began time.Time) {
	took := time.Since(began)
	var total int64
	for _, t := range s.names.All() {
		if !t.selected {
			s.run.log.Info("table not selected", "table", t.String())
			continue
		}
		total += t.rows()
		s.run.log.Info("table synced", "table", t.String(), "upserts", t.upserts.Load(),
			"updates", t.updates.Load(), "deletes", t.deletes.Load(), "truncates", t.truncates.Load())
	}
	s.run.log.Info("sync ended", "rows", total, "took", took.Round(time.Millisecond).String(),
		"rows_per_second", int64(float64(total)/max(took.Seconds(), 1e-3)))
}
