package state

import (
	"fmt"
	"iter"
	"unicode/utf8"
)

const partitionsKey = "partitions"

// Partitions are the cursors of a table that is read in pieces, one cursor for
// each parent, account or region. They are safe for concurrent use, so several
// goroutines can each read a partition.
//
// # Limit
//
// A state with a cursor for each of a million parents would be larger than the
// data. The number of cursors is therefore limited. If a sync reads more
// partitions than the limit, including those of earlier syncs, a common cursor
// replaces their cursors when the table is finished. Its value is the bound of
// the option [UpTo]. Without that option, it is the minimum of the values that
// the partitions have reached. The user receives a warning (see
// [Document.TakeWarnings]).
//
// From then on, the partitions that the common cursor replaced start at its
// value. The state lists them, by a hash of each name. A partition that is not
// in the list, such as an account that the user has added since, starts like one
// on a first sync and has its own cursor, within the limit. When the table is
// finished, the list contains the partitions that the sync has read. A partition
// that the sync did not read is read from its start when it returns.
//
// The list has at most 50,000 elements of 8 bytes. If the sync reads more
// partitions than that, the list is omitted. A new partition then starts at the
// common cursor like all others. The user receives a warning in each sync.
//
// Pass UpTo if the limit may be exceeded. Without it, or with the option
// [Exclusive], all cursors stay in memory until the table is finished, and a
// partition whose rows are all older than the common cursor is read again.
//
// A sync must read every partition whose cursor it requests before the table is
// finished.
//
// Tokens have no order, so no common token can stand for all partitions. Each
// sync reads the partitions above the limit from the start.
//
// # Form
//
// The cursors are stored as the members of an object under the key "partitions"
// or the key given by the option [Key]. The common cursor is stored in the
// object "_partitions", or "_partitions.key", as the member "cursor", together
// with the list as the member "covers". A [Cursor] of the same table does not
// interfere with them.
type Partitions[T Value] struct {
	part    *Part
	set     *partitionSet
	options *options
	limit   int
	cursors map[string]*Cursor[T] // those that are not in the field cursor of an entry
}

// NewPartitions returns the partitions of a table. The state has at most limit
// cursors for them. The options apply to the cursor of each partition. A table
// that has several sets of partitions needs the option [Key] for all but one of
// them. Errors are reported in the same way as those of [NewCursor].
//
// If it is called several times with the same key, the results share the cursors
// in the state. The limit and the options of the last call then determine the
// common cursor.
func NewPartitions[T Value](st State, table string, limit int, opts ...Option) *Partitions[T] {
	part := st.Table(table)
	o, err := newOptions[T](partitionsKey, opts)
	part.mu.Lock()
	defer part.mu.Unlock()
	if err != nil {
		part.fail(fmt.Errorf("state: partitions of table %s: %w", table, err))
	}
	s := part.sets[o.key]
	if s == nil {
		s, err = newPartitionSet(part, o)
	} else {
		err = s.use(o)
	}
	if err != nil {
		part.fail(err)
	}
	return &Partitions[T]{part: part, set: s, options: o, limit: limit, cursors: map[string]*Cursor[T]{}}
}

// Cursor returns the cursor of the partition with the given name, for example
// the ID of an account. Calls with the same name return the same cursor, except
// for partitions above the limit if the option [UpTo] is set. Those cursors are
// not kept in memory, so a sync of a million partitions needs no more memory
// than a sync of a few. After the partition was deleted or the table was
// finished, the cursor may be another one.
func (p *Partitions[T]) Cursor(name string) *Cursor[T] {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	s := p.set
	if c := p.existing(name); c != nil {
		s.read(name, c.entry)
		return c
	}
	if !utf8.ValidString(name) {
		p.part.fail(fmt.Errorf("state: table %s: the name %q of a partition is not valid UTF-8", p.part.name, name))
		return newCursor[T](p.part, &entry{detached: true}, p.options)
	}
	if s.ended || p.part.doc.frozen.Load() {
		return newCursor[T](p.part, &entry{detached: true}, p.options)
	}
	e := s.entry(name, p.limit)
	s.read(name, e)
	c := newCursor[T](p.part, e, p.options)
	switch {
	case !e.detached && e.cursor == nil:
		e.cursor = c
	case !e.detached || !p.options.bounded():
		p.cursors[name] = c
	}
	return c
}

// existing returns the cursor that an earlier call of Cursor returned, or nil if there is
// none or if it has ended. The caller must hold p.part.mu.
func (p *Partitions[T]) existing(name string) *Cursor[T] {
	if p.set.each != nil {
		if e := p.set.each.children.get(name); e != nil {
			if c, ok := e.cursor.(*Cursor[T]); ok && c.options == p.options && !c.ended() {
				return c
			}
		}
	}
	if c := p.cursors[name]; c != nil && !c.ended() {
		return c
	}
	return nil
}

// Names returns the names of the partitions that have a cursor of their own in
// the current state, in ascending order. The state does not contain the names of
// the partitions that a common cursor has replaced. The names are those at the
// start of an iteration, so its body may call the methods of p.
func (p *Partitions[T]) Names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, name := range p.names() {
			if !yield(name) {
				return
			}
		}
	}
}

func (p *Partitions[T]) names() []string {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	if p.set.ended {
		return nil
	}
	var names []string
	for e := range p.set.each.children.all() {
		if e.current.kind != isAbsent {
			names = append(names, e.key)
		}
	}
	return names
}

// Delete deletes the cursor of the partition with the given name, for example of
// an account that the user has removed. If the partition returns, it is read
// from its start, even if a common cursor had replaced its cursor. If the state
// does not list these partitions, because there are too many of them, the
// partition starts at the common cursor instead.
//
// A cursor of the partition that is in use has ended (see [Part.Delete]). Delete
// does nothing if there is no such partition or if the sync has ended.
func (p *Partitions[T]) Delete(name string) {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	if !p.part.doc.frozen.Load() && !p.set.ended {
		p.set.delete(name)
		delete(p.cursors, name)
	}
}

// DeleteAll deletes the cursors of all partitions and the common cursor. Call it
// for example when a snapshot that was read in ranges is complete. The cursors
// that are in use, p, and other results of NewPartitions with the same key have
// ended: they never write the state again. The result of a later call of
// [NewPartitions] starts like one on a first sync. DeleteAll does nothing if the
// sync has ended.
func (p *Partitions[T]) DeleteAll() {
	p.part.mu.Lock()
	defer p.part.mu.Unlock()
	if !p.part.doc.frozen.Load() && !p.set.ended {
		p.set.end()
		clear(p.cursors)
	}
}
