package state

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const partitionsKey = "partitions"

// Partitions are the cursors of a table that is read in pieces, one cursor for
// each parent, account or region. They are safe for concurrent use.
//
// A state with a cursor for each of a million parents would be larger than the
// data. The number of cursors is therefore limited. If there are more
// partitions than the limit, including those of earlier syncs, a single cursor
// replaces all of them when the table is finished. Its value is the bound of
// the option [UpTo]. Without that option, it is the minimum of the values that
// the partitions have reached. From then on, every partition starts from the
// single cursor, including new partitions.
//
// Pass UpTo if the limit may be exceeded. Without it, a partition that has no
// rows prevents the single cursor from replacing the others, and all cursors
// stay in memory until the table is finished.
//
// A sync must read every partition before its table is finished, because the
// single cursor also applies to partitions that the sync did not read.
//
// Tokens have no order, so no single token can stand for all partitions. Each
// sync reads the partitions above the limit from the start.
type Partitions[T Value] struct {
	part    *Part
	all     *entry     // the single cursor for all partitions
	each    *entry     // its children are the cursors of the partitions
	one     *Cursor[T] // the cursor of the entry all
	limit   int
	options options
	cursors map[string]*Cursor[T]
	over    bool // whether the limit has been exceeded
}

// NewPartitions returns the partitions of a table. The state has at most limit
// cursors for them. The options apply to the cursor of each partition. The
// option [Key] is not allowed. Errors are reported in the same way as those of
// [NewCursor].
func NewPartitions[T Value](st State, table string, limit int, opts ...Option) *Partitions[T] {
	part := st.Table(table)
	part.mu.Lock()
	defer part.mu.Unlock()
	p := &Partitions[T]{part: part, limit: limit, options: newOptions(opts), cursors: map[string]*Cursor[T]{}}
	if p.options.key != defaultKey {
		part.doc.fail(table, fmt.Errorf("state: table %s: partitions are always stored under the same key: remove the option Key", table))
		p.options.key = defaultKey
	}
	p.all = part.entries[defaultKey]
	if p.all == nil {
		p.all = &entry{}
		part.entries[defaultKey] = p.all
	}
	if err := p.readEach(); err != nil {
		part.doc.fail(table, err)
	}
	p.one = newCursor[T](part, p.all, p.options)
	p.over = !p.one.first || len(p.each.children) > limit
	part.finishBy(p.finish)
	return p
}

// readEach turns the saved object into an entry for each partition.
func (p *Partitions[T]) readEach() error {
	p.each = p.part.entries[partitionsKey]
	switch {
	case p.each == nil:
		p.each = &entry{}
		p.part.entries[partitionsKey] = p.each
	case p.each.children != nil:
		return nil
	}
	var stored map[string]json.RawMessage
	if p.each.current.kind == isAbsent {
		p.each.children = map[string]*entry{}
		return nil
	}
	if err := json.Unmarshal(p.each.current.append(nil), &stored); err != nil {
		p.each = &entry{children: map[string]*entry{}} // the saved value does not change
		return &Error{Table: p.part.name, Key: partitionsKey, Problem: "it is not an object with a cursor for each partition"}
	}
	p.each.children = make(map[string]*entry, len(stored))
	for name, raw := range stored {
		p.each.children[name] = storedEntry(raw)
	}
	return nil
}

// Cursor returns the cursor of the partition with the given name, for example
// the ID of an account. Calls with the same name return the same cursor, except
// for partitions above the limit if the option [UpTo] is set. Those cursors are
// not kept in memory, so a sync of a million partitions needs no more memory
// than a sync of a few.
func (p *Partitions[T]) Cursor(name string) *Cursor[T] {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	if c := p.cursors[name]; c != nil {
		return c
	}
	if !utf8.ValidString(name) {
		p.part.doc.fail(p.part.name, fmt.Errorf("state: table %s: the name %q of a partition is not valid UTF-8", p.part.name, name))
	}
	e := p.each.children[name]
	ended := p.part.doc.frozen.Load()
	switch {
	case !p.one.first:
		// The single cursor has replaced the others.
		e = &entry{current: p.all.current, detached: true}
	case e == nil && ended:
		e = &entry{detached: true} // a goroutine that the sync left behind
	case e == nil && len(p.each.children) >= p.limit:
		p.over = true
		e = &entry{detached: true}
	case e == nil:
		e = &entry{}
		p.each.children[name] = e
	}
	o := p.options
	if e.current.kind == isRaw {
		o.key = partitionsKey + "." + name // for the error if the value is not valid
	}
	c := newCursor[T](p.part, e, o)
	if !e.detached || o.end == nil && !ended {
		p.cursors[name] = c
	}
	return c
}

// finish moves the cursors when the table has been read completely. If the
// limit has been exceeded, it replaces them with a single cursor. The caller
// must hold part.mu.
func (p *Partitions[T]) finish() {
	for _, c := range p.cursors {
		c.finish()
	}
	var zero T
	if _, opaque := any(zero).(Token); opaque || !p.over {
		return
	}
	lowest, ok := p.lowest()
	if !ok {
		return
	}
	if old, found, err := p.one.stored(); err != nil || found && compare(lowest, old) <= 0 {
		return
	}
	p.part.set(p.all, toValue(lowest))
	for _, e := range p.each.children {
		p.part.set(e, value{})
	}
}

// lowest returns the greatest value that every partition has reached. It
// returns false if a partition has no value.
func (p *Partitions[T]) lowest() (lowest T, ok bool) {
	if p.options.end != nil {
		return p.one.end, true
	}
	for _, c := range p.cursors {
		v, found, err := c.stored()
		if err != nil || !found {
			return lowest, false
		}
		if !ok || compare(v, lowest) < 0 {
			lowest, ok = v, true
		}
	}
	return lowest, ok
}
