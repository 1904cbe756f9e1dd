package warehouse

import (
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// KeepSummary stores the summary of a run.
func (w *Warehouse) KeepSummary(text string) error {
	return w.exec("INSERT INTO _penstock_runs (ended, summary) VALUES (?, ?)", time.Now().UTC().Format(time.RFC3339), text)
}

// ErrNoRun is the error of [Warehouse.Summary] if no summary is stored.
var ErrNoRun = errors.New("the warehouse has no sync yet")

// Summary returns the summary of the last run, or [ErrNoRun].
func (w *Warehouse) Summary() (text string, err error) {
	found := false
	err = w.each("SELECT summary FROM _penstock_runs ORDER BY id DESC LIMIT 1", nil, func(s *sqlite3.Stmt) error {
		text, found = s.ColumnText(0), true
		return nil
	})
	if err == nil && !found {
		err = ErrNoRun
	}
	return text, err
}
