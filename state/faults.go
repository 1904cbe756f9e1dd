package state

// faults are the first errors of the parts of a document. The mutex of the document
// guards them.
type faults struct {
	unknown error // the first error about a name that no table has
	list    []fault
	index   map[string]int // in list, by ID
	queue   []int          // the indexes of those that first has yet to consider
	ignored map[string]int // the indexes of those that first has ignored, by ID
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
	f.queue = append(f.queue, len(f.list))
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

// first returns the first error whose ID is not ignored, or nil. An ID that is ignored is
// not asked about again before reconsider is called, and never if it is ignored forever.
func (f *faults) first(ignores func(id string) (ignored, forever bool)) error {
	for len(f.queue) > 0 {
		i := f.queue[0]
		id := f.list[i].id
		ignored, forever := ignores(id)
		if !ignored {
			return f.list[i].err
		}
		if !forever {
			if f.ignored == nil {
				f.ignored = map[string]int{}
			}
			f.ignored[id] = i
		}
		f.queue = f.queue[1:]
	}
	return nil
}

// reconsider records that the error with an ID may not be ignored any more.
func (f *faults) reconsider(id string) {
	if i, known := f.ignored[id]; known {
		delete(f.ignored, id)
		f.queue = append(f.queue, i)
	}
}
