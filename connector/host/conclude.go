package host

import (
	"bytes"
	"errors"
	"fmt"
)

// lastWords sends what is left to say after Sync has returned with err:
// warnings, the failures of tables, the last state, and the ends of tables that
// it covers.
func (s *session) lastWords(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return nil // it is the sync's error already
	}
	enough := s.enough.Load()
	succeeded := err == nil && !enough
	if err := s.lastWarnings(succeeded); err != nil {
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
			if t.open && !t.read {
				t.read = true
				s.read = append(s.read, t)
			}
		case t.open && !t.read && !enough:
			if err := s.endTable(t, s.unread(t, err)); err != nil {
				return err
			}
		}
	}
	// The state comes last, whatever came after it was sent before. What a
	// source that broke its promise has made of it is sent, too.
	saved := s.snapshot()
	if !succeeded && !enough && s.sinceSent == 0 && len(s.read) == 0 && s.last != nil && bytes.Equal(s.last.State, saved.State) {
		return nil
	}
	refused := s.sendState(saved)
	if refused != nil && s.failure == nil { // by the runtime itself: no table is covered
		for _, t := range s.read {
			if err := s.endTable(t, s.run.fail(refused)); err != nil {
				return errors.Join(refused, err)
			}
		}
	}
	return refused
}

// lastWarnings tells the user what became of rows and of tables.
func (s *session) lastWarnings(succeeded bool) error {
	var messages []string
	if succeeded {
		for _, f := range s.failures {
			messages = append(messages, fmt.Sprintf("table %s failed, and the connector did not end the sync for it: %v", f.Table, f.Err))
		}
	}
	for _, t := range s.names.All() {
		messages = append(messages, t.warnings(succeeded)...)
	}
	for _, message := range messages {
		message = s.run.redactor.text(message)
		s.run.log.Warn(message)
		s.op = Operation{Kind: OpWarning, Message: message}
		if err := s.force(); err != nil {
			return err
		}
	}
	return nil
}
