package state

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const partitionsKey = "partitions"

// Partitions are the cursors of a table that is read piece by piece, one for
// each parent, account or region. They are safe for concurrent use.
//
// A state with a cursor for each of a million parents would be larger than the
// data. So there is a cap: once there are more partitions than that, those of
// earlier syncs included, one cursor takes the place of all when a sync has
// come to its end, at the bound of [UpTo] where that is given, else at the
// least that any partition has reached. From then on every partition starts
// there, new ones too. Give UpTo: without it a partition that has no rows keeps
// the one cursor back, and all cursors stay in memory until the sync's end.
//
// A sync has to read every partition before its table is finished: the one
// cursor speaks for those, too, that the sync never asked for. Tokens can't be
// compared, so that no one of them can serve all: partitions of tokens above
// the cap are read from the start by each sync.
type Partitions[T Value] struct {
	part    *Part
	all     *entry // the one cursor for all
	each    *entry // its children are the partitions
	limit   int
	options options
	cursors map[string]*Cursor[T]
	one     *Cursor[T]
	over    bool
}

// NewPartitions returns the partitions of a table, at most limit of them kept
// apart. The options are those of each partition's cursor; Key is not among
// them.
func NewPartitions[T Value](st State, table string, limit int, opts ...Option) *Partitions[T] {
	part := st.Table(table)
	part.mu.Lock()
	defer part.mu.Unlock()
	p := &Partitions[T]{part: part, limit: limit, options: newOptions(opts), cursors: map[string]*Cursor[T]{}}
	if p.options.key != defaultKey {
		part.doc.fail(table, fmt.Errorf("state: table %s: partitions have a place of their own: drop the option Key", table))
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
	part.finishes = append(part.finishes, p.finish)
	return p
}

// readEach turns the stored object into an entry for each partition.
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
		p.each = &entry{children: map[string]*entry{}} // what is stored stays
		return &Error{Table: p.part.name, Key: partitionsKey, Problem: "it is not an object with a cursor for each partition"}
	}
	p.each.children = make(map[string]*entry, len(stored))
	for name, raw := range stored {
		p.each.children[name] = storedEntry(raw)
	}
	return nil
}

// Cursor returns the cursor of one partition. The name is the partition's own,
// such as its id. The same name gives the same cursor, but for partitions above
// the cap when there is a bound: of those none is kept, so that a sync of a
// million partitions needs no more memory than one of a few.
func (p *Partitions[T]) Cursor(name string) *Cursor[T] {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	if c := p.cursors[name]; c != nil {
		return c
	}
	if !utf8.ValidString(name) {
		p.part.doc.fail(p.part.name, fmt.Errorf("state: table %s: the partition's name %q is not valid UTF-8", p.part.name, name))
	}
	e := p.each.children[name]
	switch {
	case !p.one.first:
		// One cursor serves all: each partition starts where it stands.
		e = &entry{current: p.all.current, detached: true}
	case e == nil && len(p.each.children) >= p.limit:
		p.over = true
		e = &entry{detached: true}
	case e == nil:
		e = &entry{}
		p.each.children[name] = e
	}
	o := p.options
	if e.current.kind == isRaw {
		o.key = partitionsKey + "." + name // where to look, should it be wrong
	}
	c := newCursor[T](p.part, e, o)
	if !e.detached || o.end == nil {
		p.cursors[name] = c
	}
	return c
}

// finish is called at the table's end, with part.mu held.
func (p *Partitions[T]) finish() {
	for _, c := range p.cursors {
		c.finish()
	}
	var zero T
	if _, opaque := any(zero).(Token); opaque || !p.over {
		return
	}
	least, ok := p.least()
	if !ok {
		return
	}
	if old, found, err := p.one.stored(); err != nil || found && compare(least, old) <= 0 {
		return
	}
	p.part.set(p.all, toValue(least))
	for _, e := range p.each.children {
		p.part.set(e, value{})
	}
}

// least returns the value that every partition has reached, if there is one.
func (p *Partitions[T]) least() (least T, ok bool) {
	if p.options.end != nil {
		return p.one.end, true
	}
	for _, c := range p.cursors {
		v, found, err := c.stored()
		if err != nil || !found {
			return least, false
		}
		if !ok || compare(v, least) < 0 {
			least, ok = v, true
		}
	}
	return least, ok
}
