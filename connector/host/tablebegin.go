package host

// begin tells the destination that a table begins, unless it has been told,
// with s.mu held.
func (s *session) begin(from emitter, t *table) error {
	t.read = false // there is more of it
	if t.open {
		return nil
	}
	s.op = Operation{Kind: OpTableBegin, Table: t.Table}
	if err := s.write(from); err != nil {
		return err
	}
	t.open, t.began = true, true
	return nil
}

// beginAll tells the destination that the selected tables among the named ones
// begin. While the destination is busy it does not wait: the tables can then be
// read already, and begin with their first row. Names that no table has yet are
// passed over: it may be declared later.
func (s *session) beginAll(from emitter, names []string) error {
	if !s.mu.TryLock() {
		return nil
	}
	defer s.mu.Unlock()
	for _, name := range names {
		if t, err := s.names.Lookup(name); err == nil && t.selected {
			if err := s.begin(from, t); err != nil {
				return err
			}
		}
	}
	return nil
}
