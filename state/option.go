package state

import (
	"errors"
	"fmt"
	"time"
)

// An Option says something of a cursor and its source. Each of those here says
// which cursors it goes with; one that does not go with its cursor is an error
// at the sync's next operation.
type Option func(*options)

// defaultKey is where cursors are kept that no [Key] moves.
const defaultKey = "cursor"

type options struct {
	key       string
	sorted    bool
	exclusive bool
	lookback  any // time.Duration or int64
	startAt   any // a Value
	end       any // a Value
}

func newOptions(opts []Option) options {
	o := options{key: defaultKey}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Sorted says that the source delivers rows in ascending order of the cursor's
// value, equal ones side by side. The cursor then moves with each row, and a
// sync that dies is resumed where it was. The order is checked: a value less
// than the one before it ends the sync with an [*OrderError]. For time, integer
// and string cursors.
func Sorted() Option { return func(o *options) { o.sorted = true } }

// Exclusive says that the source's filter leaves out the value itself: it
// returns the rows after [Cursor.Start] only. The cursor then stays one value
// behind, at the greatest that the source has left, because more rows may bear
// the last one. For time, integer and string cursors.
func Exclusive() Option { return func(o *options) { o.exclusive = true } }

// StartAt sets what [Cursor.Start] is on a first sync, and its least value
// later. It goes with the cursor of the same type.
func StartAt[T Value](v T) Option { return func(o *options) { o.startAt = v } }

// UpTo sets a bound that the cursor never passes. Take it before the first
// request, for instance as time.Now: rows that change while the sync runs are
// then read again by the next one, whenever they become visible. It goes with
// the cursor of the same type, but not with a token's.
func UpTo[T Value](v T) Option { return func(o *options) { o.end = v } }

// Lookback makes each sync begin so much before where the last one ended, for
// sources that show some rows late. It goes with a time cursor as a
// time.Duration and with an integer cursor as an int64.
func Lookback[D time.Duration | int64](by D) Option { return func(o *options) { o.lookback = by } }

// Key keeps the cursor under another key of the table's part than "cursor",
// for a table that is read by more than one.
func Key(name string) Option { return func(o *options) { o.key = name } }

// check reports an option that a cursor with values of v's type can't have.
func (o *options) check(v any) error {
	if _, opaque := v.(Token); opaque && (o.sorted || o.exclusive || o.end != nil) {
		return errors.New("tokens have no order: drop Sorted, Exclusive and UpTo")
	}
	typ := fmt.Sprintf("%T", v)
	for _, bound := range []struct {
		option string
		value  any
	}{{"StartAt", o.startAt}, {"UpTo", o.end}} {
		if bound.value != nil && fmt.Sprintf("%T", bound.value) != typ {
			return fmt.Errorf("option %s has a %T, the cursor a %s", bound.option, bound.value, typ)
		}
	}
	switch by := o.lookback.(type) {
	case time.Duration:
		if _, ok := v.(time.Time); !ok {
			return fmt.Errorf("a Lookback of a duration does not go with a cursor of %s", typ)
		}
		if by < 0 {
			return errors.New("the Lookback is negative")
		}
	case int64:
		if _, ok := v.(int64); !ok {
			return fmt.Errorf("a Lookback of an integer does not go with a cursor of %s", typ)
		}
		if by < 0 {
			return errors.New("the Lookback is negative")
		}
	}
	return nil
}
