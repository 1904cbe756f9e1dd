package connector

import (
	"slices"
	"time"
)

// tend does until the session ends what comes with time: it logs progress, and
// sends the checkpoint that no later one has followed.
func (s *session) tend(o *options) {
	progress, stopProgress := ticks(o.progressInterval)
	defer stopProgress()
	states, stopStates := ticks(o.checkpointInterval)
	defer stopStates()
	before := map[*target]int64{}
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

// ticks returns a ticker's channel, which for no interval is one that never
// ticks.
func ticks(interval time.Duration) (<-chan time.Time, func()) {
	if interval <= 0 {
		return nil, func() {}
	}
	t := time.NewTicker(interval)
	return t.C, t.Stop
}

// logProgress logs for each table what has come since before.
func (s *session) logProgress(before map[*target]int64, interval time.Duration) {
	s.declaring.Lock()
	tables := slices.Clone(s.declared)
	s.declaring.Unlock()
	for _, t := range tables {
		rows := t.rows()
		if rows > before[t] {
			rate := float64(rows-before[t]) / interval.Seconds()
			s.run.log.Info("syncing", "table", t.table.String(), "rows", rows, "rows_per_second", int64(rate))
		}
		before[t] = rows
	}
}

// summary logs what the sync delivered.
func (s *session) summary(began time.Time) {
	took := time.Since(began)
	var total int64
	for _, t := range s.declared {
		if !t.selected {
			s.run.log.Info("table not selected", "table", t.table.String())
			continue
		}
		total += t.rows()
		s.run.log.Info("table synced", "table", t.table.String(), "upserts", t.upserts.Load(),
			"updates", t.updates.Load(), "deletes", t.deletes.Load(), "truncates", t.truncates.Load())
	}
	s.run.log.Info("sync ended", "rows", total, "took", took.Round(time.Millisecond).String(),
		"rows_per_second", int64(float64(total)/max(took.Seconds(), 1e-3)))
}
