package state

import (
	"encoding/json"
	"fmt"

	"github.com/penstock-sdk/penstock/internal/rawjson"
)

// A partitionSet is what all [Partitions] with the same key share. The fields
// are guarded by part.mu.
type partitionSet struct {
	part    *Part
	options *options // of the last call of NewPartitions
	each    *entry   // its children are the cursors of the partitions
	own     int      // the number of children that are not deleted
	ended   bool     // whether the set was deleted or is not valid

	common value   // the common cursor, or absent
	covers nameSet // the partitions that common covers
	stale  bool    // whether covers has changed since it was encoded

	// What the sync has read since the table was finished.
	reading  nameSet
	detached map[string]*entry // the entries without a child, unless there is a bound
	exceeded bool              // whether some partition has found the limit exceeded
}

// commonPrefix is the prefix of the keys of common cursors. The runtime does not
// use it.
const commonPrefix = "_partitions"

// commonKey returns the key of the common cursor of the partitions that are
// stored under key.
func commonKey(key string) string {
	if key == partitionsKey {
		return commonPrefix
	}
	return commonPrefix + "." + key
}

// A commonCursor is the JSON form of a common cursor.
type commonCursor struct {
	Covers string          `json:"covers"`
	Cursor json.RawMessage `json:"cursor"`
}

// newPartitionSet returns the set that is stored under the key of the options.
// If it is not valid, the result has ended, so the saved state does not change.
func newPartitionSet(part *Part, o *options) (*partitionSet, error) {
	s := &partitionSet{part: part, options: o, ended: true, detached: map[string]*entry{}}
	if err := checkKey(o.key); err != nil {
		return s, fmt.Errorf("state: table %s: the key %q of partitions: %w", part.name, o.key, err)
	}
	s.each = part.entry(o.key)
	if s.each.live {
		return s, fmt.Errorf("state: table %s: a cursor is stored under the key %s of partitions: pass another one with the option Key", part.name, o.key)
	}
	if err := s.readEach(); err != nil {
		return s, err
	}
	if err := s.readCommon(); err != nil {
		return s, err
	}
	s.each.live, s.ended = true, false
	part.sets[o.key] = s
	return s, nil
}

// readEach turns the saved object into an entry for each partition.
func (s *partitionSet) readEach() error {
	if s.each.children != nil {
		for e := range s.each.children.all() {
			if e.current.kind != isAbsent {
				s.own++
			}
		}
		return nil
	}
	var stored []*entry
	if held := &s.each.current; held.kind != isAbsent {
		var err error
		if stored, err = membersOf(string(held.append(nil))); err != nil {
			return &Error{Table: s.part.name, Key: s.options.key, Problem: "it is not an object with a cursor for each partition"}
		}
	}
	s.each.setChildren(s.part).fill(stored)
	s.own = len(stored)
	return nil
}

// readCommon reads the common cursor.
func (s *partitionSet) readCommon() error {
	key := commonKey(s.options.key)
	e := s.part.entries.get(key)
	if e == nil || e.current.kind == isAbsent || s.options.shape.opaque {
		return nil
	}
	var stored commonCursor
	err := json.Unmarshal(e.current.append(nil), &stored)
	if err == nil && len(stored.Cursor) > 0 {
		s.common, err = s.options.shape.decode(string(stored.Cursor))
	}
	if err == nil {
		s.covers, err = parseNameSet(stored.Covers)
	}
	if err != nil || s.common.kind == isAbsent {
		return &Error{Table: s.part.name, Key: key, Problem: "it is not a common cursor of partitions"}
	}
	return nil
}

// use makes the options those of the set.
func (s *partitionSet) use(o *options) error {
	if o.shape != s.options.shape {
		return fmt.Errorf("state: table %s, key %s: there are two sets of partitions of different types", s.part.name, o.key)
	}
	s.options = o
	return nil
}

// bounded reports whether a common cursor has the value of the bound.
func (o *options) bounded() bool { return o.bound.kind != isAbsent && !o.exclusive }

// entry returns the entry of a partition. If the partition has no cursor of its
// own in the state, the entry is detached.
func (s *partitionSet) entry(name string, limit int) *entry {
	e := s.each.children.get(name)
	switch {
	case e != nil && (e.live || e.current.kind != isAbsent):
		e.live = true
		return e
	case s.covered(name):
		if s.covers.all {
			s.warn(partitionsUnknown, "the state has a common position for more than %d partitions and does not list them: a partition that is new starts at %s, and its rows with smaller values are not read: if there are such rows, reset the table", maxCovered, s.common.append(nil))
		}
		return &entry{current: s.common, detached: true}
	case s.own >= limit:
		s.exceed(limit)
		return &entry{detached: true}
	case e == nil:
		e = &entry{key: name}
		s.each.children.add(e)
	}
	e.live = true
	s.own++
	return e
}

// covered reports whether the common cursor covers a partition.
func (s *partitionSet) covered(name string) bool {
	return s.common.kind != isAbsent && s.covers.has(hashOf(name))
}

// exceed records that there are more partitions than the limit.
func (s *partitionSet) exceed(limit int) {
	switch {
	case s.exceeded || s.common.kind != isAbsent:
	case s.options.shape.opaque:
		s.warn(limitOfTokensExceeded, "there are more than %d partitions, which is the limit for its state: each sync reads the partitions above the limit from the start", limit)
	default:
		s.warn(limitExceeded, "there are more than %d partitions, which is the limit for its state: when the table has been read, a common position replaces the positions of the partitions: a sync that is interrupted then reads each partition from the common position again", limit)
	}
	s.exceeded = true
}

func (s *partitionSet) warn(about topic, format string, args ...any) {
	key := warningKey{part: s.part.name, key: s.options.key, topic: about}
	if w := &s.part.doc.warnings; !w.repeat(key) {
		w.add(key, format, args...)
	}
}

// read records that the sync reads a partition.
func (s *partitionSet) read(name string, e *entry) {
	if e.used || s.part.doc.frozen.Load() {
		return
	}
	e.used = true
	s.reading.add(hashOf(name))
	if e.detached && !s.options.bounded() {
		s.detached[name] = e
	}
}

// delete implements Partitions.Delete.
func (s *partitionSet) delete(name string) {
	hash := hashOf(name)
	s.reading.remove(hash)
	s.part.restart(s.covers.has(hash) || s.each.children.get(name) != nil)
	if s.covers.has(hash) && !s.covers.all {
		s.covers.remove(hash)
		s.stale = true
		s.part.markDirty()
	}
	if e := s.detached[name]; e != nil {
		s.discard(name, e)
	}
	if e := s.each.children.get(name); e != nil {
		s.drop(e)
	}
}

// drop deletes the cursor of a partition.
func (s *partitionSet) drop(e *entry) {
	if e.live || e.current.kind != isAbsent {
		s.own--
	}
	s.part.drop(s.each.children, e)
}

// discard ends the cursors of a partition that has none in the state.
func (s *partitionSet) discard(name string, e *entry) {
	e.deletions++
	delete(s.part.unfinished, e)
	delete(s.detached, name)
}

// end deletes the set.
func (s *partitionSet) end() {
	s.ended = true
	s.part.restart(s.own > 0 || s.common.kind != isAbsent)
	for name, e := range s.detached {
		s.discard(name, e)
	}
	delete(s.part.sets, s.options.key)
	s.part.deletePosition(s.options.key)
}

// encode writes the common cursor to the state if the partitions that it covers
// have changed.
func (s *partitionSet) encode() {
	if !s.stale {
		return
	}
	s.stale = false
	raw := rawjson.AppendString([]byte(`{"covers":`), s.covers.text())
	raw = s.common.append(append(raw, `,"cursor":`...))
	s.part.set(s.part.entry(commonKey(s.options.key)), rawValue(string(append(raw, '}'))))
}

// finish moves the common cursor when the table has been read completely. The
// cursors of the partitions have been moved before.
func (s *partitionSet) finish() {
	switch {
	case s.reading.empty() || s.options.shape.opaque:
	case s.options.bounded():
		s.finishAtBound()
	default:
		s.finishAtLowest()
	}
	s.reading, s.exceeded = nameSet{}, false
	for e := range s.each.children.all() {
		e.used = false
	}
	for _, e := range s.detached {
		e.used = false
	}
	clear(s.detached)
}

// finishAtBound moves the common cursor to the bound, which all partitions that
// were read have reached.
func (s *partitionSet) finishAtBound() {
	bound := s.options.bound
	if !s.exceeded && s.common.kind == isAbsent {
		return
	}
	if !s.options.future && s.part.doc.warnings.isFuture(&bound) {
		s.warn(futureBound, "the bound %s of its cursors is more than one year in the future: the common cursor of its partitions does not move there", bound.append(nil))
		return
	}
	if s.common.kind != isAbsent {
		switch order := compare(&bound, &s.common); {
		case order < 0:
			return
		case order == 0:
			s.reading.addAll(&s.covers)
		}
	}
	s.replace(bound, s.reading, func(*entry, uint64) bool { return true })
}

// finishAtLowest moves the common cursor to the lowest value that a partition
// has reached.
//
// A partition is a candidate if it has reached the current value of the common
// cursor. If it has not, its cursor stays. If there is none because of the limit,
// the next sync reads the partition from the start, or gives it the place of a
// candidate.
func (s *partitionSet) finishAtLowest() {
	var candidates nameSet
	var lowest value
	consider := func(name string, e *entry) {
		v := &e.current
		if !s.options.shape.has(v) || s.common.kind != isAbsent && compare(v, &s.common) < 0 {
			return
		}
		candidates.add(hashOf(name))
		if lowest.kind == isAbsent || compare(v, &lowest) < 0 {
			lowest = *v
		}
	}
	above := false // whether a partition above the limit has a value
	for name, e := range s.detached {
		consider(name, e)
		above = above || e.current.kind != isAbsent && !s.covered(name)
	}
	if s.common.kind == isAbsent && !above {
		return
	}
	if above {
		for e := range s.each.children.all() {
			if e.used {
				consider(e.key, e)
			}
		}
	}
	if candidates.empty() {
		return
	}
	if s.common.kind != isAbsent && compare(&lowest, &s.common) == 0 {
		candidates.addAll(&s.covers)
	}
	s.replace(lowest, candidates, func(e *entry, hash uint64) bool {
		return above && (!e.used || candidates.has(hash))
	})
}

// replace sets the common cursor. It deletes the cursors of the partitions for
// which redundant returns true.
func (s *partitionSet) replace(common value, covers nameSet, redundant func(e *entry, hash uint64) bool) {
	for _, e := range s.each.children.list() {
		if redundant(e, hashOf(e.key)) {
			s.drop(e)
		}
	}
	for name, e := range s.detached {
		s.discard(name, e) // the next call of Cursor starts at the common cursor
	}
	s.common, s.covers, s.stale = common, covers, true
	s.part.markDirty()
	if covers.all {
		s.warn(partitionsUnknown, "its state has a common position for more than %d partitions and does not list them: later syncs cannot tell a new partition from a known one, and start it at the common position: if a new partition has older rows, reset the table", maxCovered)
	}
}
