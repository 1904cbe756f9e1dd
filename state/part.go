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
