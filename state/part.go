package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"
)

// A Part is the JSON object with the state of one table, or the shared part.
// [NewCursor] and [NewPartitions] store their values in it. Get, Set and Delete
// are for any other values. A Part is safe for concurrent use.
type Part struct {
	doc     *Document
	name    string
	dirty   atomic.Bool           // whether there is something to save
	listed  bool                  // whether the list of unsaved parts contains it; guarded by the list
	waiters []*waiters            // that are told when it has changed; guarded likewise
	table   atomic.Pointer[table] // or nil if it has not been declared
	carrier *table                // if the part is a copy of its part for followers; see family

	// family is set if the part is the position of a family. It is guarded by mu
	// once the sync has begun.
	family *family

	// mu guards the fields below. If several mutexes are needed, that of the shared
	// part is locked first, then that of a table, then those of the tables that
	// follow it, and last that of the document.
	mu         sync.Mutex
	entries    object
	changed    []*entry             // the entries that have changed since they were saved
	dropped    []dropped            // the entries that were deleted since then
	unfinished map[*entry]*position // the cursors that finish moves, one for each entry
	saved      bool                 // changes have been saved in this sync
	truncated  bool                 // Truncate was called since the last save
	sets       map[string]*partitionSet
	cursors    uint32 // the number of cursors that were created
	created    bool   // a cursor was created that is not one of tokens or of a partition
	advanced   bool   // a cursor was advanced to a value that is not zero
	zero       bool   // a cursor was advanced to a zero value

	// encoded is false if a saved value has changed since encoder.last was encoded. It
	// changes only while mu is locked. The other field is guarded by encoder.mu.
	encoded atomic.Bool
	span    span
}

// A dropped is an entry that was deleted from an object.
type dropped struct {
	from *object
	key  string
}

func newPart(doc *Document, name string) *Part {
	p := &Part{doc: doc, name: name, unfinished: map[*entry]*position{}, sets: map[string]*partitionSet{}}
	p.entries.part = p
	return p
}

// entry returns the entry with the given key. It adds the entry if there is
// none. The caller must hold p.mu.
func (p *Part) entry(key string) *entry {
	e := p.entries.get(key)
	if e == nil {
		e = &entry{key: key}
		p.entries.add(e)
	}
	return e
}

// Get decodes the current value of a key into v, as [json.Unmarshal] does. It
// reports whether the key has a value. If the value cannot be decoded into v,
// the error is an [*Error].
func (p *Part) Get(key string, v any) (found bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refresh()
	e := p.entries.get(key)
	var raw []byte
	switch {
	case e == nil:
		return false, nil
	case e.children != nil:
		raw = e.children.append(nil, currentOf, nil)
		if string(raw) == "{}" {
			return false, nil
		}
	case e.current.kind == isAbsent:
		return false, nil
	default:
		raw = e.current.append(nil)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, &Error{Table: p.name, Key: key, Problem: misfit(err, v)}
	}
	return true, nil
}

// misfit says why the value of a key does not fit v. It contains no part of the value,
// unlike the errors of methods such as time.Time.UnmarshalJSON.
func misfit(err error, v any) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(wrong.Value, " ") // without the digits of a number
		return (&json.UnmarshalTypeError{Value: kind, Type: wrong.Type, Struct: wrong.Struct, Field: wrong.Field}).Error()
	}
	if wrong, ok := errors.AsType[*json.InvalidUnmarshalError](err); ok {
		return wrong.Error()
	}
	return fmt.Sprintf("the value is not a valid %v", reflect.TypeOf(v).Elem())
}

// Set sets the value of a key to the JSON encoding of v. It returns an error
// and changes nothing in these cases:
//
//   - The value contains a secret, or could contain one by its type. A secret
//     is a value whose type has a method Reveal() string. Platforms store
//     states unencrypted.
//   - The value cannot be encoded, or a platform could not return it: its
//     encoding has a duplicate name, text that is not UTF-8, or arrays and
//     objects that are nested more than 500 deep.
//   - The key is not valid UTF-8, begins with an underscore, or the cursors of
//     the table's [Partitions] are stored under the key.
//   - The sync has ended.
func (p *Part) Set(key string, v any) error {
	reject := func(why string) error { return fmt.Errorf("state: table %s, key %q: %s", p.name, key, why) }
	t := reflect.TypeOf(v)
	if t != nil && containsSecret(t, map[reflect.Type]bool{}) {
		return reject(fmt.Sprintf("the type %v contains a secret, but a state must not contain secrets", t))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("state: table %s, key %q: %w", p.name, key, err)
	}
	// Marshal would have failed if v contained itself, so the recursion ends.
	if containsSecretValue(reflect.ValueOf(v)) {
		return reject(fmt.Sprintf("the %v contains a secret, but a state must not contain secrets", t))
	}
	if err := checkKey(key); err != nil {
		return reject(err.Error())
	}
	if !jsontext.Value(raw).IsValid() {
		return reject(fmt.Sprintf("the JSON encoding of the %v has a duplicate name or text that is not UTF-8", t))
	}
	if depth(raw) > maxDepth {
		return reject(fmt.Sprintf("the JSON encoding of the %v is nested more than %d deep, which many platforms cannot read", t, maxDepth))
	}
	if p.doc.frozen.Load() {
		return reject("the sync has ended")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entry(key)
	if e.children != nil {
		return reject("the partitions of the table are stored under this key")
	}
	p.set(e, rawValue(string(raw)))
	if key == validatorsKey {
		e.save(withoutRemoved(e.saved, raw))
	}
	return nil
}

// Delete deletes a key and its value. It does nothing if there is no such key,
// if the key begins with an underscore, or if the sync has ended.
//
// If a [Cursor] or [Partitions] are stored under the key, they have ended: they
// never write the key again, and advancing them does nothing. A cursor that is
// created afterwards starts like one on a first sync. To delete a single
// partition, use [Partitions.Delete].
func (p *Part) Delete(key string) {
	if p.doc.frozen.Load() || isReserved(key) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sets[key]; s != nil {
		s.end()
		return
	}
	e := p.entries.get(key)
	p.restart(e != nil && e.has(currentOf) || p.entries.get(commonKey(key)) != nil || p.carrier != nil && p.family.fresh)
	p.deletePosition(key)
}

// deletePosition deletes a cursor or the cursors of partitions. The caller must hold p.mu.
func (p *Part) deletePosition(key string) {
	p.deleteTree(key)
	p.deleteTree(commonKey(key))
	if p.truncated && p.doc.savesDeletions(p) {
		p.saveDeletions()
	}
}

// restart records that the connector deletes a part of the position. The argument found
// reports whether the current position has that part. If it does not, but the sync has
// started from an earlier position, the position that the platform has stored may have it.
// The caller must hold p.mu.
func (p *Part) restart(found bool) {
	switch {
	case p.family == nil:
	case found:
		p.family.restart()
	case p.family.lowered:
		p.family.restarting = true
	}
}

// deleteTree deletes the entry with the given key and its children. The caller
// must hold p.mu.
func (p *Part) deleteTree(key string) {
	e := p.entries.get(key)
	if e == nil {
		return
	}
	for _, child := range e.children.list() {
		p.drop(e.children, child)
	}
	p.drop(&p.entries, e)
}

// drop deletes the value of an entry and ends its cursors. The entry itself is
// removed from the object when the deletion has been saved. The caller must hold
// p.mu.
func (p *Part) drop(from *object, e *entry) {
	e.deletions++
	e.live, e.used, e.cursor = false, false, nil
	e.origin = "" // a violation of the order must not restore what was deleted
	delete(p.unfinished, e)
	if e.current.kind != isAbsent {
		p.set(e, value{})
	}
	switch {
	case e.empty() && !e.changed:
		from.remove(e)
	case !e.dropped:
		e.dropped = true
		p.dropped = append(p.dropped, dropped{from, e.key})
		p.markDirty()
	}
}

// set sets the current value of an entry. The caller must hold p.mu.
func (p *Part) set(e *entry, v value) {
	e.current = v
	if !e.changed && !e.detached {
		e.changed = true
		p.changed = append(p.changed, e)
		p.markDirty()
	}
}

// markDirty records that there is something to save.
func (p *Part) markDirty() {
	if !p.dirty.Swap(true) {
		p.doc.unsaved.add(p)
	}
}

// fail records an error of the part.
func (p *Part) fail(err error) {
	t := p.table.Load()
	if p.carrier != nil {
		t = p.carrier
	}
	if t == nil {
		p.doc.fail(p.name, err)
		return
	}
	p.doc.failTable(t, err)
}

// save saves the current values of all entries that have changed.
func (p *Part) save() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refresh()
	p.beforeSave()
	p.saved = p.saved || len(p.changed) > 0
	for _, e := range p.changed {
		e.save(e.current)
		e.changed = false
	}
	for _, d := range p.dropped {
		if e := d.from.get(d.key); e != nil {
			if e.dropped = false; e.empty() {
				d.from.remove(e)
			}
		}
	}
	p.changed, p.dropped, p.truncated = emptied(p.changed), emptied(p.dropped), false
	p.dirty.Store(false)
}

// emptied returns an empty list that can be filled again. It does not keep the
// memory of its elements alive, nor that of a long list.
func emptied[E any](list []E) []E {
	const long = 1 << 10
	if cap(list) > long {
		return nil
	}
	clear(list)
	return list[:0]
}

// refresh encodes what is only encoded when it is needed. The caller must hold
// p.mu.
func (p *Part) refresh() {
	for _, s := range p.sets {
		s.encode()
	}
}

// beforeSave records what else the saved state covers. The caller must hold
// p.mu.
func (p *Part) beforeSave() {
	switch {
	case p.name == SharedName:
		p.doc.shared.step(p.doc, p)
		return
	case p.family != nil && (len(p.changed) > 0 || p.family.stale || len(p.family.joined) > 0):
		p.family.step()
	}
	if len(p.changed) > 0 {
		p.recordColumns(false)
	}
}

// finish moves the cursors that only move when the table has been read
// completely.
func (p *Part) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.unfinished {
		c.move()
	}
	for _, s := range p.sets {
		s.finish()
	}
	if p.entries.get(followsKey) != nil || p.entries.get(coveredKey) != nil || p.hasPosition(currentOf) {
		p.recordColumns(true)
	}
}

// appendCurrent appends the current values.
func (p *Part) appendCurrent(b []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refresh()
	return p.entries.append(b, currentOf, nil)
}
