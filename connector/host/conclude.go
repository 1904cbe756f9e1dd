package host

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// conclude writes the last operations of a sync that ended with err: warnings, the
// failures of tables, the last state, and the ends of the tables that it covers.
func (s *session) conclude(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure // the batches may have been written since the error of the sync was known
	}
	if err := s.writeBatches(); err != nil { // the rows count
		return err
	}
	if err := s.warnAboutState(); err != nil {
		return err
	}
	enough := s.enough.Load() != nil
	succeeded := err == nil && !enough
	if enough {
		if err := s.warnAboutUnsaved(); err != nil {
			return err
		}
	}
	if err := s.warnAboutTables(err, succeeded); err != nil {
		return err
	}
	for _, t := range s.names.All() {
		switch {
		case succeeded && t.selected:
			if !t.began {
				s.op = Operation{Kind: OpTableBegin, Table: t.Table}
				if err := s.force(); err != nil {
					return err
				}
				t.began, t.open = true, true
			}
			switch {
			case !t.open || t.read:
			case t.failed != nil: // the connector has returned to it, but its state is still held
				if err := s.endTable(t, t.failed); err != nil {
					return err
				}
			default:
				t.read = true
				s.read = append(s.read, t)
			}
		case t.open && !t.read && !enough:
			if err := s.endTable(t, s.unread(t, err)); err != nil {
				return err
			}
		}
	}
	// The state is sent last even if the same checkpoint was sent before, because
	// rows may have followed it. It is also sent if it moved back because a source
	// was not sorted as declared.
	saved := s.snapshot()
	if !succeeded && !enough && s.sinceSent.Load() == 0 && len(s.read) == 0 && s.last != nil && bytes.Equal(s.last.State, saved.State) {
		return nil
	}
	refused := s.sendState(saved)
	if refused != nil && s.failure == nil { // the state was refused, so it covers no table
		for _, t := range s.read {
			if err := s.endTable(t, s.run.fail(refused)); err != nil {
				return errors.Join(refused, err)
			}
		}
	}
	return refused
}

// takeBack sends the state that was saved before the connector's Sync returned, after
// the sync has been concluded as a success. A goroutine was still reading a table, so
// that the last state covers more of it than was delivered.
func (s *session) takeBack() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.before == nil || s.failure != nil || s.last == nil || bytes.Equal(s.last.State, s.before.State) {
		return nil
	}
	return s.sendState(s.before)
}

// warnAboutUnsaved warns the user about tables that make no progress because syncs
// are ended early. The caller holds s.mu.
func (s *session) warnAboutUnsaved() error {
	for _, name := range s.doc.Unsaved() {
		message := fmt.Sprintf("table %s: the sync was ended before the connector had saved a position in the table, so the next sync reads the same rows again: "+
			"let it call Checkpoint in the middle of the table and use a cursor that moves with each row (state.Sorted), or give the sync more time", name)
		if err := s.forceWarning(message, nil); err != nil {
			return err
		}
	}
	return nil
}

// unmoved returns warnings about tables that every sync reads from the beginning, because
// their cursors never move. The caller holds s.mu.
func (s *session) unmoved() []string {
	var all []string
	for _, one := range s.doc.Unmoved() {
		t, err := s.lookup(one.Table)
		if err != nil || t.failed != nil || t.rows() == 0 {
			continue
		}
		were, advice := "were", "call Advance after each row"
		if t.rows() == 1 {
			were = "was"
		}
		if one.Zero {
			advice = "Advance was called with zero values only, which it ignores, so check where they come from, such as an error of time.Parse"
		}
		all = append(all, fmt.Sprintf("table %s: %s %s delivered, but its cursor never moved: the next sync reads everything again; %s",
			t, counted(t.rows(), "row"), were, advice))
	}
	return all
}

// warnAboutTables warns the user about failed tables, about values that other
// packages have altered, and about rows that were altered or refused, in a sync that ended
// with err. After a successful sync, it also warns about tables whose cursors never move,
// about tables that nothing reads, and about deselected names that match nothing.
func (s *session) warnAboutTables(err error, succeeded bool) error {
	type warning struct {
		message string
		refused *RefusedRows
	}
	var warnings []warning
	add := func(message string, refused *RefusedRows) { warnings = append(warnings, warning{message, refused}) }
	addRefused := func(rows *RefusedRows) {
		if rows.isErrorOf(err) {
			return
		}
		rows.First = s.run.redactor.text(rows.First)
		add(rows.String(), rows)
	}
	unsaid := func(failure error) bool { return err == nil || !strings.Contains(err.Error(), failure.Error()) }
	for _, f := range s.failures {
		switch unit := f.Err.(*unitError); {
		case unit.warned:
		case succeeded:
			add(fmt.Sprintf("table %s failed, but the connector continued the sync: %v", f.Table, f.Err), nil)
		case unit.refused && unsaid(unit):
			add(fmt.Sprintf("table %s failed: %v", f.Table, f.Err), nil)
		}
	}
	if r := s.refusedRow.Load(); r != nil && unsaid(r.err) {
		add(r.err.Error(), nil)
	}
	for _, message := range s.noted.messages() {
		add(message, nil)
	}
	if succeeded {
		if message := s.unknownDeselected(); message != "" {
			add(message, nil)
		}
		for _, message := range append(s.unmoved(), s.unreadTables()...) {
			add(message, nil)
		}
	}
	for _, t := range s.names.All() {
		for _, message := range t.warnings() {
			add(message, nil)
		}
		if message := t.unknownColumns(); message != "" && succeeded {
			add(message, nil)
		}
		if rows := t.refusedRows(); rows != nil {
			addRefused(rows)
		}
	}
	for _, rows := range s.nameless.all() {
		addRefused(rows)
	}
	for _, w := range warnings {
		if err := s.forceWarning(w.message, w.refused); err != nil {
			return err
		}
	}
	return nil
}
