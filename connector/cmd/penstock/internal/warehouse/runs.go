package warehouse

import (
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// KeepSummary keeps what a run says of itself.
func (w *Warehouse) KeepSummary(text string) error {
	return w.exec("INSERT INTO _penstock_runs (ended, summary) VALUES (?, ?)", time.Now().UTC().Format(time.RFC3339), text)
}

// ErrNoRun is what the error of Summary is for a warehouse that no run has filled.
var ErrNoRun = errors.New("there was no run yet")

// Summary returns what the last run said of itself.
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
