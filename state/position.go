package state

import (
	"fmt"
)

// A position is the part of a [Cursor] that does not depend on its type.
type position struct {
	part      *Part
	entry     *entry
	options   *options
	deletions uint32 // those of the entry when the cursor was created
	number    uint32 // the number of the cursor in the part
	found     bool   // whether there was a value when the cursor was created
	violated  bool   // whether the rows are not sorted although they should be
	own       reach
	reach     *reach // own, or that of an earlier cursor of the entry
}

// A reach is what one or several cursors have seen.
type reach struct {
	top       value  // the greatest value seen, or absent
	below     *value // the greatest value seen that is less than top, or nil
	exclusive bool
	alone     bool // whether no other cursor shares it
}

// reached returns the greatest value that a sync may save once it has seen all
// rows that are not greater. It may be absent.
func (r *reach) reached() *value {
	switch {
	case !r.exclusive:
		return &r.top
	case r.below == nil:
		return &value{}
	}
	return r.below
}

// see records a value that is not equal to top.
func (r *reach) see(v *value) {
	switch {
	case r.top.kind == isAbsent:
		r.top = *v
	case compare(v, &r.top) > 0:
		r.seeBelow(&r.top)
		r.top = *v
	case r.below == nil || compare(v, r.below) > 0:
		r.seeBelow(v)
	}
}

// seeBelow sets below. A sorted cursor shares its reach with none, so it needs below only
// if it is exclusive.
func (r *reach) seeBelow(v *value) {
	if r.alone && !r.exclusive {
		return
	}
	if r.below == nil {
		r.below = new(value)
	}
	*r.below = *v
}

// ended reports whether the entry was deleted after the cursor was created.
func (c *position) ended() bool { return c.deletions != c.entry.deletions }

// setUp reads the saved value and registers the cursor. The caller must hold
// part.mu.
func (c *position) setUp() {
	p, e := c.part, c.entry
	stored, err := c.stored()
	if err != nil {
		p.fail(err)
	}
	c.found = stored.kind != isAbsent
	if c.found {
		// Each row is compared with this value, so it is decoded only once.
		e.current = stored
		about := warningKey{part: p.name, topic: futureCursor}
		if !c.options.future && p.doc.warnings.isFuture(&stored) && !p.doc.warnings.repeat(about) {
			p.doc.warnings.add(about, "the saved cursor is at %s, which is more than one year in the future, so rows with smaller values are not read: reset the table, or correct its state", stored.append(nil))
		}
	}
	c.reach, c.own.alone = &c.own, c.options.sorted
	if !c.options.sorted && !c.options.shape.opaque && (!e.detached || e.used && !c.options.bounded()) {
		if other := p.unfinished[e]; other != nil {
			c.reach = other.reach
		} else {
			p.unfinished[e] = c
		}
	}
	c.reach.exclusive = c.reach.exclusive || c.options.exclusive
}

// key returns the key of the cursor, for errors.
func (c *position) key() string {
	if o := c.entry.block; o != nil && o.object.owner != nil {
		return c.options.key + "." + c.entry.key // of a partition
	}
	return c.options.key
}

// stored returns the current value of the entry, which may still be JSON. It is
// absent if there is no value or if it is null.
func (c *position) stored() (value, error) {
	held := &c.entry.current
	switch {
	case held.kind == isAbsent || held.kind == isRaw && held.text == "null":
		return value{}, nil
	case held.kind == isRaw:
		v, err := c.options.shape.decode(held.text)
		if err != nil {
			return value{}, &Error{Table: c.part.name, Key: c.key(),
				Problem: fmt.Sprintf("the value of the cursor is not a %v", c.options.typ)}
		}
		return v, nil
	case !c.options.shape.has(held):
		return value{}, fmt.Errorf("state: table %s, key %s: there are two cursors of different types", c.part.name, c.options.key)
	}
	return *held, nil
}

// advance implements Cursor.Advance.
func (c *position) advance(v *value) {
	p, o := c.part, c.options
	p.mu.Lock()
	defer p.mu.Unlock()
	if v.isNull() {
		p.zero = true
		return
	}
	p.advanced = true
	if c.ended() {
		return
	}
	if why := v.unfit(); why != "" {
		p.fail(fmt.Errorf("state: table %s: the cursor was advanced to %s, which a state cannot contain", p.name, why))
		return
	}
	if o.shape.opaque {
		p.set(c.entry, *v)
		return
	}
	if o.bound.kind != isAbsent && compare(v, &o.bound) > 0 {
		v = &o.bound // all values past the bound count as the bound
	}
	if !o.future && p.doc.warnings.isFuture(v) {
		c.warnOfFuture(v)
		return
	}
	if top := &c.reach.top; top.kind != isAbsent {
		order := compare(v, top)
		if order == 0 || v.hasNullSecond() && compareFirst(v, top) == 0 {
			return
		}
		if o.sorted && order < 0 {
			c.violate(&OrderError{Table: p.name})
			return
		}
	}
	if o.sorted && c.passed(v) {
		c.violate(fmt.Errorf("state: table %s: a row was delivered to a sorted cursor with the key %s after another cursor with this key had moved past the row: use one cursor, or give each cursor its own key with the option Key", p.name, c.key()))
		return
	}
	c.reach.see(v)
	if o.sorted && c.move() {
		c.entry.mover = c.number
	}
}

func (c *position) warnOfFuture(v *value) {
	w := &c.part.doc.warnings
	about := warningKey{part: c.part.name, topic: futureValue}
	if !w.repeat(about) {
		w.add(about, "a row has the cursor value %s, which is more than one year in the future: the row was delivered, but the cursor does not move there: correct the value in the source", v.append(nil))
	}
}

// passed reports whether another cursor has moved the entry past v since this
// cursor was created.
func (c *position) passed(v *value) bool {
	e := c.entry
	return e.mover != 0 && e.mover != c.number && c.options.shape.has(&e.current) && compare(v, &e.current) < 0
}

// violate records that the rows are not sorted. Rows with smaller values than
// the saved one may follow, so it was too great.
func (c *position) violate(err error) {
	c.entry.current = originOf(c.entry)
	c.entry.save(c.entry.current)
	c.part.fail(err)
	c.violated = true
	if f := c.part.family; f != nil {
		f.rendered = false
		f.events.violations++
		c.part.doc.encoder.change()
	}
}

// move sets the entry to the value that has been reached, unless that would
// move it back. It reports whether it did. The caller must hold part.mu.
func (c *position) move() bool {
	v := c.reach.reached()
	if v.kind == isAbsent || c.violated {
		return false
	}
	if old, err := c.stored(); err == nil && old.kind != isAbsent && compare(v, &old) <= 0 {
		return false
	}
	c.part.set(c.entry, *v)
	return true
}
