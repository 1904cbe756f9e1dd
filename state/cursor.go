package state

import "fmt"

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
//
// If the key of a cursor is deleted (see [Part.Delete]), the cursor has ended:
// Advance does nothing from then on. A cursor that is created afterwards starts
// like one on a first sync.
type Cursor[T Value] struct {
	position
	start T
}

// NewCursor returns the cursor of a table. It does not return an error. If the
// saved value is not of type T, or if an option does not apply to T, the next
// operation of the sync on this table fails.
//
// A sync may create several cursors with the same key. The state then has the
// greatest of their values. It is an error if rows are delivered to one sorted
// cursor that another one has already moved past.
func NewCursor[T Value](st State, table string, opts ...Option) *Cursor[T] {
	part := st.Table(table)
	o, err := newOptions[T](defaultKey, opts)
	part.mu.Lock()
	defer part.mu.Unlock()
	if err != nil {
		part.fail(fmt.Errorf("state: cursor of table %s: %w", table, err))
	}
	e := &entry{detached: true}
	if err := checkKey(o.key); err != nil {
		part.fail(fmt.Errorf("state: table %s: the key %q of a cursor: %w", table, o.key, err))
	} else {
		e = part.entry(o.key)
	}
	if e.children != nil {
		part.fail(fmt.Errorf("state: table %s: the partitions of the table are stored under the key %s of a cursor: pass another one with the option Key", table, o.key))
	}
	e.live = true
	part.created = part.created || !o.shape.opaque
	return newCursor[T](part, e, o)
}

// newCursor returns a cursor with its value in the entry e. The caller must
// hold part.mu.
func newCursor[T Value](part *Part, e *entry, o *options) *Cursor[T] {
	part.cursors++
	c := &Cursor[T]{position: position{part: part, entry: e, options: o, deletions: e.deletions, number: part.cursors}}
	c.setUp()
	e.mover = 0
	if from, ok := o.startAt.(T); ok {
		c.start = from
	} else if o.start.kind != isAbsent {
		c.start = fromValue[T](&o.start)
	}
	if c.found {
		v := lookBack(e.current, o.lookback)
		if o.start.kind == isAbsent || o.shape.opaque || compare(&v, &o.start) >= 0 {
			c.start = fromValue[T](&v)
		}
	}
	return c
}

// First reports whether no earlier sync has saved a value. If so, the sync must
// read the whole table.
func (c *Cursor[T]) First() bool { return !c.found }

// Start returns the value to read from. The sync must include rows with this
// value, unless the cursor has the option [Exclusive]. On a first sync, it is
// the value of the option [StartAt], or the zero value, which for a time is the
// year 1. Many sources reject that, so pass StartAt or check First. Otherwise, it is the
// saved value minus the difference of the option [Lookback]. Advance does not
// change it.
func (c *Cursor[T]) Start() T { return c.start }

// End returns the bound of the option [UpTo], or the zero value if there is
// none.
func (c *Cursor[T]) End() (end T) {
	if end, ok := c.options.end.(T); ok {
		return end
	}
	if bound := &c.options.bound; bound.kind != isAbsent {
		return fromValue[T](bound)
	}
	return end
}

// Advance records that a row with the value v has been delivered. The cursor
// never moves back, except for a [Token], and never past the bound of the
// option [UpTo]. Values past the bound may be in any order. Advance does
// nothing after the sync has ended, or if the key of the cursor was deleted.
//
// Advance ignores the zero value of T, in any position of the order, because a
// decoder leaves it for a null. It ignores any time in the years 0 and 1, the
// integer 0, the empty string or token, and a [Pair] with such a first value.
// Unix time 0 is not a zero value. If a row really has the value 0, nothing is
// lost: the cursor stays before the row, and the next sync may read it again. If rows of
// the table were delivered, and Advance was never called with another value in any sync, the
// user receives a warning, because each sync then reads all rows.
//
// A time that is more than one year in the future is probably a mistake in the
// source. It would move the cursor past all rows to come, so it does not move
// the cursor, and the user receives a warning (see [Document.TakeWarnings]). The
// option [AllowFuture] permits such times. If the clock is before the year 2026,
// it is evidently not set, and the limit is the beginning of the year 2100.
//
// Advance does not return an error. If v cannot be saved or the rows are not
// sorted as [Sorted] requires, the next operation of the sync on this table
// fails (see [Document.Err]). A time cannot be saved if its year is not between
// 0 and 9999, and text cannot be saved if it is not valid UTF-8.
func (c *Cursor[T]) Advance(v T) {
	if c.part.doc.frozen.Load() {
		return
	}
	held := toValue(v)
	c.advance(&held)
}

// AdvanceNullable is like [Cursor.Advance] for a value that the source may omit.
// It ignores nil.
func (c *Cursor[T]) AdvanceNullable(v *T) {
	if v == nil {
		v = new(T) // the zero value is ignored as well
	}
	c.Advance(*v)
}
