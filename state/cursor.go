package state

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A Cursor records how far a table has been read. Its value is taken from the
// rows and must increase as rows change, like the value of an updated_at
// column. A Cursor is safe for concurrent use.
//
// A sync requests the rows from [Cursor.Start] on, including those with that
// value. Several rows may have it, and some of them may not have existed at the
// previous sync. Rows that are delivered twice do no harm. The sync first
// delivers a row, then advances the cursor:
//
//	for order, err := range orders {
//		…
//		if err := out.Upsert("orders", order); err != nil {
//			return err
//		}
//		cursor.Advance(order.UpdatedAt)
//	}
//
// What a checkpoint in the middle of a table saves depends on the source. If
// its rows are sorted by the value ([Sorted]), the cursor moves with each row,
// and the next sync resumes there. Otherwise, the cursor moves when the table's
// sync function or Sync itself returns without an error. A sync that is
// interrupted starts again from where it started.
type Cursor[T Value] struct {
	part    *Part
	entry   *entry
	options options
	start   T
	end     T
	first   bool

	top      T    // the greatest value seen
	below    T    // the greatest value seen that is less than top
	hasTop   bool // whether a value was seen
	hasBelow bool // whether two distinct values were seen
	violated bool // whether the rows are not sorted although they should be
}

// NewCursor returns the cursor of a table. It does not return an error. If the
// saved value is not of type T, or if an option does not apply to T, the next
// operation of the sync on this table fails.
func NewCursor[T Value](st State, table string, opts ...Option) *Cursor[T] {
	part := st.Table(table)
	o := newOptions(opts)
	part.mu.Lock()
	defer part.mu.Unlock()
	if !utf8.ValidString(o.key) {
		part.doc.fail(table, fmt.Errorf("state: table %s: the key %q of a cursor is not valid UTF-8", table, o.key))
	}
	e := part.entries[o.key]
	if e == nil {
		e = &entry{}
		part.entries[o.key] = e
	}
	c := newCursor[T](part, e, o)
	part.finishBy(c.finish)
	return c
}

// newCursor returns a cursor with its value in the entry e. The caller must
// hold part.mu.
func newCursor[T Value](part *Part, e *entry, o options) *Cursor[T] {
	c := &Cursor[T]{part: part, entry: e, options: o}
	if err := c.setUp(); err != nil {
		part.doc.fail(part.name, err)
	}
	return c
}

// setUp checks the options and reads the saved value.
func (c *Cursor[T]) setUp() error {
	if err := c.options.check(c.start); err != nil {
		return fmt.Errorf("state: cursor of table %s: %w", c.part.name, err)
	}
	if c.options.end != nil {
		c.end = c.options.end.(T)
	}
	from, _ := c.options.startAt.(T)
	stored, found, err := c.stored()
	if err != nil {
		return err
	}
	c.first = !found
	c.start = from
	if found {
		// Each row is compared with this value, so it is decoded only once.
		c.entry.current = toValue(stored)
		c.start = lookBack(stored, c.options.lookback)
		if c.options.startAt != nil && compare(c.start, from) < 0 {
			c.start = from
		}
	}
	return nil
}

// stored returns the current value of the entry, which is still JSON after
// Parse. It reports whether there is a value.
func (c *Cursor[T]) stored() (v T, found bool, err error) {
	switch held := &c.entry.current; held.kind {
	case isAbsent:
		return v, false, nil
	case isRaw:
		return c.decode(held.raw)
	default:
		v, ok := fromValue[T](*held)
		if !ok {
			return v, false, fmt.Errorf("state: table %s, key %s: there are two cursors of different types", c.part.name, c.options.key)
		}
		return v, true, nil
	}
}

// decode decodes a saved value. A null counts as no value.
func (c *Cursor[T]) decode(raw json.RawMessage) (v T, found bool, err error) {
	if string(raw) == "null" {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, false, &Error{Table: c.part.name, Key: c.options.key,
			Problem: fmt.Sprintf("the value of the cursor is not a %T", v)}
	}
	return v, true, nil
}

// First reports whether no earlier sync has saved a value. If so, the sync must
// read the whole table.
func (c *Cursor[T]) First() bool { return c.first }

// Start returns the value to read from. The sync must include rows with this
// value, unless the cursor has the option [Exclusive]. On a first sync, it is
// the value of the option [StartAt], or the zero value, which for a time is the
// year 1. Many sources reject that, so pass StartAt or check First. Otherwise, it is the
// saved value minus the difference of the option [Lookback]. Advance does not
// change it.
func (c *Cursor[T]) Start() T { return c.start }

// End returns the bound of the option [UpTo], or the zero value if there is
// none.
func (c *Cursor[T]) End() T { return c.end }

// Advance records that a row with the value v has been delivered. The cursor
// never moves back, except for a [Token], and never past the bound of the
// option [UpTo]. Values past the bound may be in any order. Advance does
// nothing after the sync has ended.
//
// Advance does not return an error. If v cannot be saved or the rows are not
// sorted as [Sorted] requires, the next operation of the sync on this table
// fails (see [Document.Err]). A time cannot be saved if its year is not between
// 0 and 9999, and text cannot be saved if it is not valid UTF-8.
func (c *Cursor[T]) Advance(v T) {
	if c.part.doc.frozen.Load() {
		return
	}
	c.part.mu.Lock()
	defer c.part.mu.Unlock()
	if why := unfit(v); why != "" {
		c.part.doc.fail(c.part.name, fmt.Errorf("state: table %s: the cursor was advanced to %s, which a state cannot contain", c.part.name, why))
		return
	}
	if _, opaque := any(v).(Token); opaque {
		c.part.set(c.entry, toValue(v))
		return
	}
	if c.options.end != nil && compare(v, c.end) > 0 {
		v = c.end // all values past the bound count as the bound
	}
	switch order := compare(v, c.top); {
	case !c.hasTop || order > 0:
		c.below, c.hasBelow = c.top, c.hasTop
		c.top, c.hasTop = v, true
	case order == 0:
		return
	case c.options.sorted:
		// Rows with smaller values than the saved one may follow, so it was too
		// great.
		c.entry.current, c.entry.saved = c.entry.origin, c.entry.origin
		c.part.doc.fail(c.part.name, &OrderError{Table: c.part.name})
		c.violated = true
		return
	case !c.hasBelow || compare(v, c.below) > 0:
		c.below, c.hasBelow = v, true
	}
	if c.options.sorted {
		c.move()
	}
}

// move sets the entry to the value that has been reached, unless that would
// move it back. The caller must hold part.mu.
func (c *Cursor[T]) move() {
	v, ok := c.reached()
	if !ok || c.violated {
		return
	}
	if old, found, err := c.stored(); err == nil && found && compare(v, old) <= 0 {
		return
	}
	c.part.set(c.entry, toValue(v))
}

// reached returns the greatest value that a sync may save once it has seen all
// rows that are not greater.
func (c *Cursor[T]) reached() (v T, ok bool) {
	v, ok = c.top, c.hasTop
	if c.options.exclusive {
		v, ok = c.below, c.hasBelow
	}
	return v, ok
}

// finish moves the cursor when the table has been read completely. The caller
// must hold part.mu.
func (c *Cursor[T]) finish() {
	if _, opaque := any(c.top).(Token); !opaque {
		c.move()
	}
}
