package connector

import (
	"slices"
	"time"
)

// logProgress logs how the sync gets on until the session ends.
func (s *session) logProgress(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	before := map[*target]int64{}
	for {
		select {
		case <-s.ended:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		tables := slices.Clone(s.declared)
		s.mu.Unlock()
		for _, t := range tables {
			rows := t.rows()
			if rows > before[t] {
				rate := float64(rows-before[t]) / every.Seconds()
				s.run.log.Info("syncing", "table", t.table.String(), "rows", rows, "rows_per_second", int64(rate))
			}
			before[t] = rows
		}
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
	s.run.log.Info("sync ended", "rows", total, "took", took.Round(time.Millisecond),
		"rows_per_second", int64(float64(total)/max(took.Seconds(), 1e-3)))
}
