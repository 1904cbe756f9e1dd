package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// isReserved reports whether a connector must not set or delete a key of a part.
func isReserved(key string) bool { return strings.HasPrefix(key, "_") }

// isRuntime reports whether the value of a key belongs to the runtime and is not
// part of the position of the connector. The common cursor of partitions is part
// of it.
func isRuntime(key string) bool { return isReserved(key) && !strings.HasPrefix(key, commonPrefix) }

func currentOf(e *entry) value { return e.current }
func savedOf(e *entry) value   { return e.saved }
func originOf(e *entry) value  { return rawValue(e.origin) }

// reserved decodes the value of a key of the runtime. If there is none, or if it
// is not valid, found is false. The caller must hold p.mu.
func reserved[T any](p *Part, key string) (v T, found bool) {
	e := p.entries.get(key)
	if e == nil || e.current.kind != isRaw || json.Unmarshal([]byte(e.current.text), &v) != nil {
		return *new(T), false
	}
	return v, true
}

// setReserved sets the value of a key of the runtime. An empty list removes the
// key. The caller must hold p.mu.
func (p *Part) setReserved(key string, v any) *entry {
	raw, err := json.Marshal(v)
	if err != nil {
		p.doc.fail(p.name, fmt.Errorf("state: table %s, key %q: %w", p.name, key, err))
	}
	e := p.entry(key)
	e.isRuntime = true
	switch string(raw) {
	case "", "null", "[]":
		p.set(e, value{})
	default:
		p.set(e, value{kind: isRaw, text: string(raw)})
	}
	return e
}

// saveReserved sets the value of a key of the runtime and saves it, but no other
// change of the part. The caller must hold p.mu.
func (p *Part) saveReserved(key string, v any) {
	e := p.setReserved(key, v)
	e.save(e.current)
}

// position returns the values of the connector as a JSON object. The caller must
// hold p.mu.
func (p *Part) position(which func(*entry) value) json.RawMessage {
	p.refresh()
	return p.entries.append(nil, which, isRuntime)
}

// hasPosition reports whether position is not empty. The caller must hold p.mu.
func (p *Part) hasPosition(which func(*entry) value) bool {
	p.refresh()
	for e := range p.entries.all() {
		if !isRuntime(e.key) && e.has(which) {
			return true
		}
	}
	return false
}

// setPosition replaces the values of the connector with those in a JSON object.
// The sync then starts from them. The caller must hold p.mu.
func (p *Part) setPosition(object json.RawMessage) {
	values := map[string]json.RawMessage{}
	if object != nil {
		values, _ = readObject(object) // Parse has accepted it
	}
	for e := range p.entries.all() {
		if _, kept := values[e.key]; !kept && !isRuntime(e.key) {
			e.origin = ""
			p.set(e, value{})
		}
	}
	for key, raw := range values {
		e := p.entry(key)
		e.origin = string(raw)
		p.set(e, rawValue(e.origin))
	}
}

// moves reports whether saving the part changes a value of the connector. The caller
// must hold p.mu.
func (p *Part) moves() bool {
	for _, e := range p.changed {
		if e.current == e.saved || e.isRuntime {
			continue
		}
		if e.current.kind == isAbsent || e.saved.kind == isAbsent || !bytes.Equal(e.current.append(nil), e.saved.append(nil)) {
			return true
		}
	}
	return false
}
