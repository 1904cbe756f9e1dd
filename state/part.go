package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Part is the JSON object that is the state of one table, or the shared one.
// [NewCursor] and [NewPartitions] keep theirs in it; Get and Set are for what
// those don't cover. It is safe for concurrent use.
type Part struct {
	doc   *Document
	name  string
	dirty atomic.Bool // something was changed since the last save

	mu       sync.Mutex
	entries  map[string]*entry
	changed  []*entry
	finishes []func() // with mu held
}

// An entry is one member of a part, as it is and as it is saved.
type entry struct {
	current, saved value
	origin         value // as Parse found it
	changed        bool  // since the last save
	detached       bool  // in no part, and so never saved
	// children make the entry an object of their own.
	children map[string]*entry
}

// storedEntry returns the entry for a value that an earlier sync saved.
func storedEntry(raw json.RawMessage) *entry {
	v := value{kind: isRaw, raw: raw}
	return &entry{current: v, saved: v, origin: v}
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

// Set sets the value of a key to the JSON form of v. A state is kept in the
// open by the platforms: a v that holds a secret is an error, by its type or
// within an interface. So is what [Parse] would refuse to read back, and the
// key of a table's [Partitions], and any change after the sync has ended.
func (p *Part) Set(key string, v any) error {
	refuse := func(why string) error { return fmt.Errorf("state: table %s, key %q: %s", p.name, key, why) }
	t := reflect.TypeOf(v)
	if t != nil && holdsSecret(t, map[reflect.Type]bool{}) {
		return refuse(fmt.Sprintf("a %v holds a secret, which a state must not", t))
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("state: table %s, key %q: %w", p.name, key, err)
	}
	// Marshal has found v to be without cycles.
	if holdsSecretValue(reflect.ValueOf(v)) {
		return refuse(fmt.Sprintf("the %v holds a secret, which a state must not", t))
	}
	if !utf8.ValidString(key) {
		return refuse("the key is not valid UTF-8")
	}
	if !jsontext.Value(raw).IsValid() {
		return refuse(fmt.Sprintf("the JSON form of the %v has the same name twice, or text that is not UTF-8", t))
	}
	if p.doc.frozen.Load() {
		return refuse("the sync has ended")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e == nil {
		e = &entry{}
		p.entries[key] = e
	}
	if e.children != nil {
		return refuse("the table's partitions are kept there")
	}
	p.set(e, value{kind: isRaw, raw: raw})
	return nil
}

// Delete removes a key. A key that is not there, and any after the sync has
// ended, is ignored.
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

// set changes an entry, with p.mu held.
func (p *Part) set(e *entry, v value) {
	e.current = v
	if !e.changed && !e.detached {
		e.changed = true
		p.changed = append(p.changed, e)
		p.dirty.Store(true)
	}
}

func (p *Part) save() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.changed {
		e.saved, e.changed = e.current, false
	}
	clear(p.changed) // partitions that are gone are not kept alive
	p.changed = p.changed[:0]
	p.dirty.Store(false)
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
	if t.Implements(secretType) || reflect.PointerTo(t).Implements(secretType) {
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

// holdsSecretValue looks for the secrets that the value's type does not tell
// of, because they are in an interface.
func holdsSecretValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		return !v.IsNil() && (holdsSecret(v.Elem().Type(), map[reflect.Type]bool{}) || holdsSecretValue(v.Elem()))
	case reflect.Pointer:
		return !v.IsNil() && holdsSecretValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if !mayHoldInterface(v.Type().Elem().Kind()) {
			return false
		}
		for i := range v.Len() {
			if holdsSecretValue(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if holdsSecretValue(it.Value()) {
				return true
			}
		}
	case reflect.Struct:
		for f, fv := range v.Fields() {
			if f.IsExported() && f.Tag.Get("json") != "-" && holdsSecretValue(fv) {
				return true
			}
		}
	}
	return false
}

func mayHoldInterface(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return true
	}
	return false
}
