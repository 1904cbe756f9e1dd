package state

// memberFaults finds the first fault of the tables of a set without looking at all tables
// or at all faults each time.
type memberFaults struct {
	first int             // the index of the first fault, or noFault
	seen  int             // the number of faults that have been compared with the members
	keys  map[string]bool // of the members; nil until it is needed
	late  []string        // the keys of members that seen does not include
}

const noFault = -1

// identified records that a member has another key than before.
func (m *memberFaults) identified(key string) {
	m.late = append(m.late, key)
	if m.keys != nil {
		m.keys[key] = true
	}
}

// update returns the first error of the members, or nil. The caller must hold the mutex of
// the document.
func (m *memberFaults) update(f *faults, members []member) error {
	for _, key := range m.late {
		m.consider(f, key)
	}
	m.late = nil
	if added := f.list[m.seen:]; len(added) > len(members) {
		for i := range members {
			m.consider(f, members[i].key)
		}
	} else if len(added) > 0 {
		m.index(members)
		for _, fault := range added {
			if m.keys[fault.id] {
				m.consider(f, fault.id)
			}
		}
	}
	m.seen = len(f.list)
	if m.first == noFault {
		return nil
	}
	return f.list[m.first].err
}

// consider considers the fault with the given ID, if there is one.
func (m *memberFaults) consider(f *faults, id string) {
	if i, failed := f.index[id]; failed && (m.first == noFault || i < m.first) {
		m.first = i
	}
}

func (m *memberFaults) index(members []member) {
	if m.keys != nil {
		return
	}
	m.keys = make(map[string]bool, len(members))
	for i := range members {
		m.keys[members[i].key] = true
	}
}
