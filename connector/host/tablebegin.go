package host

// begin reports the start of a table to the destination, unless the table is
// open already. The caller holds s.mu.
func (s *session) begin(from emitter, t *table) error {
	t.read = false // it is being read again
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

// beginAll reports the start of each named table that is selected. If the
// destination is busy, beginAll does not wait for it: the tables can be read in
// the meantime, and their first row begins them. It ignores unknown names, whose
// tables may be declared later.
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
