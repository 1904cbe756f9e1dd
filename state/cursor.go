package state

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A Cursor remembers how far a table has been read, by a value that rows bear
// and that grows as they change, such as updated_at. It is safe for concurrent
// use.
//
// A sync asks the source for the rows from [Cursor.Start] on, that value
// included: several rows may bear it, and not all of them may have been there
// the last time. The overlap does no harm, for a row that is delivered twice is
// the same row. Each row is handed over first, then the cursor is told:
//
//	for order, err := range orders {
//		…
//		if err := out.Upsert("orders", order); err != nil {
//			return err
//		}
//		cursor.Advance(order.UpdatedAt)
//	}
//
// What a checkpoint in the middle saves depends on the source. One that is
// sorted by the value ([Sorted]) can be resumed at the last one seen. One that
// is not can be resumed only where it was begun: the cursor moves at the end,
// when the table's function or Sync returns without error.
type Cursor[T Value] struct {
	part    *Part
	entry   *entry
	options options
	start   T
	end     T
	first   bool
	top     T // greatest value seen
	below   T // greatest value seen that is less than top
	hasTop  bool
	// hasBelow tells whether two distinct values were seen.
	hasBelow bool
	// violated tells whether the source broke its word to be sorted.
	violated bool
}

// NewCursor returns the cursor of a table. A state that holds something else
// in its place, or an option that does not go with T, makes the next operation
// of the sync fail with an error that says so.
func NewCursor[T Value](st State, table string, opts ...Option) *Cursor[T] {
	part := st.Table(table)
	o := newOptions(opts)
	part.mu.Lock()
	defer part.mu.Unlock()
	if !utf8.ValidString(o.key) {
		part.doc.fail(table, fmt.Errorf("state: table %s: the cursor's key %q is not valid UTF-8", table, o.key))
	}
	e := part.entries[o.key]
	if e == nil {
		e = &entry{}
		part.entries[o.key] = e
	}
	c := newCursor[T](part, e, o)
	part.finishes = append(part.finishes, c.finish)
	return c
}

// newCursor makes a cursor over an entry, with part.mu held.
func newCursor[T Value](part *Part, e *entry, o options) *Cursor[T] {
	c := &Cursor[T]{part: part, entry: e, options: o}
	if err := c.setUp(); err != nil {
		part.doc.fail(part.name, err)
	}
	return c
}

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
		// From here on the entry is compared with at each row: decoded once.
		c.entry.current = toValue(stored)
		c.start = lookBack(stored, c.options.lookback)
		if c.options.startAt != nil && compare(c.start, from) < 0 {
			c.start = from
		}
	}
	return nil
}

// stored reads the entry, which after Parse is still JSON.
func (c *Cursor[T]) stored() (v T, found bool, err error) {
	switch held := &c.entry.current; held.kind {
	case isAbsent:
		return v, false, nil
	case isRaw:
		return c.decode(held.raw)
	default:
		v, ok := fromValue[T](*held)
		if !ok {
			return v, false, fmt.Errorf("state: table %s, key %s: two cursors of different types", c.part.name, c.options.key)
		}
		return v, true, nil
	}
}

func (c *Cursor[T]) decode(raw json.RawMessage) (v T, found bool, err error) {
	if string(raw) == "null" {
		return v, false, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, false, &Error{Table: c.part.name, Key: c.options.key,
			Problem: fmt.Sprintf("the cursor's value is not a %T", v)}
	}
	return v, true, nil
}

// First reports whether no sync has left a value behind: everything is to be
// read.
func (c *Cursor[T]) First() bool { return c.first }

// Start returns the value to read from, itself included. On a first sync that
// is the option [StartAt], or the zero value; later, where the last sync got
// to, less the [Lookback].
func (c *Cursor[T]) Start() T { return c.start }

// End returns the bound given by the option [UpTo], or the zero value.
func (c *Cursor[T]) End() T { return c.end }

// Advance tells the cursor that a row with the value has been handed over. The
// cursor moves no further than the bound of [UpTo], and never back.
func (c *Cursor[T]) Advance(v T) {
	if c.part.doc.frozen.Load() {
		return
	}
	c.part.mu.Lock()
	defer c.part.mu.Unlock()
	if why := unfit(v); why != "" {
		c.part.doc.fail(c.part.name, fmt.Errorf("state: table %s: the cursor was advanced to %s, which a state can't hold", c.part.name, why))
		return
	}
	if _, opaque := any(v).(Token); opaque {
		c.part.set(c.entry, toValue(v))
		return
	}
	if c.options.end != nil && compare(v, c.end) > 0 {
		v = c.end // all that is past the bound is one to this sync
	}
	switch order := compare(v, c.top); {
	case !c.hasTop || order > 0:
		c.below, c.hasBelow = c.top, c.hasTop
		c.top, c.hasTop = v, true
	case order == 0:
		return
	case c.options.sorted:
		// Rows less than the saved value may be still to come: it was not safe.
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

// move sets the entry to what the values seen allow, with part.mu held.
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

// reached returns the value up to which the rows seen are all there were.
func (c *Cursor[T]) reached() (v T, ok bool) {
	v, ok = c.top, c.hasTop
	if c.options.exclusive {
		v, ok = c.below, c.hasBelow
	}
	return v, ok
}

// finish is called at the table's end, with part.mu held.
func (c *Cursor[T]) finish() {
	if _, opaque := any(c.top).(Token); !opaque {
		c.move()
	}
}
