package state

// An entry is a member of a part. It is an object if it has children.
type entry struct {
	key            string
	block          *block // that contains the entry, or nil
	current, saved value
	origin         string  // the JSON that Parse read, or ""
	children       *object // the members of an object, or nil
	cursor         any     // that Partitions.Cursor returned for the entry, or nil

	// deletions is the number of times that the entry was deleted. A cursor that
	// was created before a deletion must not write the entry.
	deletions uint32
	mover     uint32 // the number of the cursor that moved the entry last, or 0 if a cursor was created since

	changed  bool // whether current has changed since it was saved
	detached bool // whether the entry is in no part and never saved
	live     bool // whether it has a cursor that was created since the last deletion
	dropped  bool // whether the part's list of dropped entries contains it
	used     bool // whether the sync reads this partition

	isRuntime bool // whether the runtime has set it, and not the connector
}

// storedEntry returns an entry for a value that an earlier sync saved.
func storedEntry(key, raw string) *entry {
	v := rawValue(raw)
	return &entry{key: key, current: v, saved: v, origin: raw}
}

// save sets the saved value.
func (e *entry) save(v value) {
	if e.saved == v {
		return
	}
	e.saved = v
	if e.block != nil {
		e.block.outdate()
	}
}

// setChildren makes the entry an object.
func (e *entry) setChildren(part *Part) *object {
	e.children = &object{part: part, owner: e}
	if e.block != nil {
		e.block.outdate()
	}
	return e.children
}

// empty reports whether neither the current nor the saved state contains the
// entry, and no cursor may add it.
func (e *entry) empty() bool {
	return e.current.kind == isAbsent && e.saved.kind == isAbsent && !e.live && (e.children == nil || e.children.len == 0)
}

// has reports whether the value that which selects is present, for the entry or for one
// of its children.
func (e *entry) has(which func(*entry) value) bool {
	for child := range e.children.all() {
		if child.has(which) {
			return true
		}
	}
	return e.children == nil && which(e).kind != isAbsent
}
