package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Part is the JSON object that is the state of one table, or the shared one.
// [NewCursor] and [NewPartitions] keep theirs in it; Get and Set are for what
// those don't cover. It is safe for concurrent use.
type Part struct {
	doc  *Document
	name string

	mu       sync.Mutex
	entries  map[string]*entry
	changed  []*entry
	finishes []func() // with mu held
}

// An entry is one member of a part, as it is and as it is saved.
type entry struct {
	current, saved value
	changed        bool // since the last save
	// children make the entry an object of their own.
	children map[string]*entry
}

type kind uint8

const (
	isAbsent kind = iota
	isRaw
	isTime
	isInt
	isString
)

// A value is a member's value. What cursors hold is kept as it came, so that
// advancing one costs no encoding.
type value struct {
	kind kind
	raw  json.RawMessage
	at   time.Time
	num  int64
	text string
}

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case isTime:
		b = append(b, '"')
		b = v.at.UTC().AppendFormat(b, time.RFC3339Nano)
		return append(b, '"')
	case isInt:
		return strconv.AppendInt(b, v.num, 10)
	case isString:
		return appendString(b, v.text)
	}
	return append(b, v.raw...)
}

// Get decodes the value of a key into v, as json.Unmarshal does, and reports
// whether there is one.
func (p *Part) Get(key string, v any) (found bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e == nil || e.current.kind == isAbsent {
		return false, nil
	}
	if err := json.Unmarshal(e.current.append(nil), v); err != nil {
		return false, &Error{Table: p.name, Key: key, Problem: err.Error()}
	}
	return true, nil
}

// Set sets the value of a key to the JSON form of v. A state is kept in the
// open by the platforms: a v whose type holds a secret is an error.
func (p *Part) Set(key string, v any) error {
	if t := reflect.TypeOf(v); t != nil && holdsSecret(t, map[reflect.Type]bool{}) {
		return fmt.Errorf("state: table %s, key %s: a %v holds a secret, which a state must not", p.name, key, t)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("state: table %s, key %s: %w", p.name, key, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e == nil {
		e = &entry{}
		p.entries[key] = e
	}
	p.set(e, value{kind: isRaw, raw: raw})
	return nil
}

// Delete removes a key. Without it there is nothing to do.
func (p *Part) Delete(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.entries[key]; e != nil {
		p.set(e, value{})
		for _, child := range e.children {
			p.set(child, value{})
		}
	}
}

// set changes an entry, with p.mu held.
func (p *Part) set(e *entry, v value) {
	e.current = v
	if !e.changed {
		e.changed = true
		p.changed = append(p.changed, e)
	}
}

func (p *Part) save() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.changed {
		e.saved, e.changed = e.current, false
	}
	p.changed = p.changed[:0]
}

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

func appendEntries(b []byte, entries map[string]*entry, which func(*entry) *value) []byte {
	b = append(b, '{')
	first := true
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		e := entries[key]
		start := len(b)
		if !first {
			b = append(b, ',')
		}
		b = append(appendString(b, key), ':')
		object := len(b)
		switch {
		case e.children != nil:
			b = appendEntries(b, e.children, which)
			if len(b) == object+len("{}") {
				b = b[:start]
				continue
			}
		case which(e).kind == isAbsent:
			b = b[:start]
			continue
		default:
			b = which(e).append(b)
		}
		first = false
	}
	return append(b, '}')
}

var secretType = reflect.TypeFor[interface{ Reveal() string }]()

// holdsSecret reports whether values of the type hold one that has to be
// revealed by a call, as connector.Secret has.
func holdsSecret(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t.Implements(secretType) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return holdsSecret(t.Elem(), seen)
	case reflect.Map:
		return holdsSecret(t.Key(), seen) || holdsSecret(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsSecret(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
