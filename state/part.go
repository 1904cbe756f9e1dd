package state

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Part is the JSON object with the state of one table, or the shared part.
// [NewCursor] and [NewPartitions] store their values in it. Get, Set and Delete
// are for any other values. A Part is safe for concurrent use.
type Part struct {
	doc   *Document
	name  string
	dirty atomic.Bool // whether changed has elements

	mu       sync.Mutex
	entries  map[string]*entry
	changed  []*entry // the entries that have changed since they were saved
	finishes []func() // called by finish with mu held
}

// Get decodes the current value of a key into v, as [json.Unmarshal] does. It
// reports whether the key has a value. If the value cannot be decoded into v,
// the error is an [*Error].
func (p *Part) Get(key string, v any) (found bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	var raw []byte
	switch {
	case e == nil:
		return false, nil
	case e.children != nil:
		raw = appendEntries(nil, e.children, func(e *entry) *value { return &e.current })
	case e.current.kind == isAbsent:
		return false, nil
	default:
		raw = e.current.append(nil)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, &Error{Table: p.name, Key: key, Problem: err.Error()}
	}
	return true, nil
}

// Set sets the value of a key to the JSON encoding of v. It returns an error
// and changes nothing in these cases:
//
//   - The value contains a secret, or could contain one by its type. A secret
//     is a value whose type has a method Reveal() string. Platforms store
//     states unencrypted.
//   - The value cannot be encoded, or [Parse] would reject the encoding.
//   - The key is not valid UTF-8, or the cursors of the table's [Partitions]
//     are stored under the key.
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
	if !utf8.ValidString(key) {
		return reject("the key is not valid UTF-8")
	}
	if !jsontext.Value(raw).IsValid() {
		return reject(fmt.Sprintf("the JSON encoding of the %v has a duplicate name or text that is not UTF-8", t))
	}
	if p.doc.frozen.Load() {
		return reject("the sync has ended")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e == nil {
		e = &entry{}
		p.entries[key] = e
	}
	if e.children != nil {
		return reject("the partitions of the table are stored under this key")
	}
	p.set(e, value{kind: isRaw, raw: raw})
	return nil
}

// Delete deletes a key and its value. It does nothing if there is no such key
// or if the sync has ended.
func (p *Part) Delete(key string) {
	if p.doc.frozen.Load() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.entries[key]; e != nil {
		p.set(e, value{})
		for _, child := range e.children {
			p.set(child, value{})
		}
	}
}

// set sets the current value of an entry. The caller must hold p.mu.
func (p *Part) set(e *entry, v value) {
	e.current = v
	if !e.changed && !e.detached {
		e.changed = true
		p.changed = append(p.changed, e)
		p.dirty.Store(true)
	}
}

// save saves the current values of all entries that have changed.
func (p *Part) save() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.changed {
		e.saved, e.changed = e.current, false
	}
	clear(p.changed) // do not keep the memory of deleted partitions alive
	p.changed = p.changed[:0]
	p.dirty.Store(false)
}

// finishBy makes finish call f, unless the sync has ended. The caller must hold p.mu.
func (p *Part) finishBy(f func()) {
	if !p.doc.frozen.Load() {
		p.finishes = append(p.finishes, f)
	}
}

// finish moves the cursors that only move when the table has been read
// completely.
func (p *Part) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, finish := range p.finishes {
		finish()
	}
}

func (p *Part) append(b []byte, which func(*entry) *value) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return appendEntries(b, p.entries, which)
}
