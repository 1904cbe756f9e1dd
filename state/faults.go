package state

// faults are the first errors of the parts of a document. The mutex of the document
// guards them.
type faults struct {
	unknown error // the first error about a name that no table has
	list    []fault
	index   map[string]int // in list, by ID
	settled int            // first never returns an error before this index again
}

// A fault is the first error of a part.
type fault struct {
	id  string
	err error
}

// add records an error, unless there is already one with this ID.
func (f *faults) add(id string, err error, unknown bool) {
	if unknown && f.unknown == nil {
		f.unknown = err
	}
	if _, known := f.index[id]; known {
		return
	}
	if f.index == nil {
		f.index = map[string]int{}
	}
	f.index[id] = len(f.list)
	f.list = append(f.list, fault{id, err})
}

// of returns the first error with one of the IDs, or nil.
func (f *faults) of(ids []string) error {
	first := len(f.list)
	for _, id := range ids {
		if i, known := f.index[id]; known {
			first = min(first, i)
		}
	}
	if first == len(f.list) {
		return nil
	}
	return f.list[first].err
}

// first returns the first error whose ID is not ignored, or nil. An ID that is ignored
// forever is not asked about again.
func (f *faults) first(ignores func(id string) (ignored, forever bool)) error {
	for i := f.settled; i < len(f.list); i++ {
		ignored, forever := ignores(f.list[i].id)
		if !ignored {
			return f.list[i].err
		}
		if forever && i == f.settled {
			f.settled++
		}
	}
	return nil
}
