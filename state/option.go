package state

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// An Option configures a cursor. Each option documents the cursor types it
// applies to. Using it with another type makes the sync's next operation fail.
type Option func(*options)

// defaultKey is the key of cursors without the option Key.
const defaultKey = "cursor"

type options struct {
	key       string
	sorted    bool
	exclusive bool
	lookback  any // nil, time.Duration or int64
	startAt   any // nil or a Value
	end       any // nil or a Value
}

func newOptions(opts []Option) options {
	o := options{key: defaultKey}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Sorted declares that the source returns rows in ascending order of the
// cursor's value. The cursor then moves with each row, and a sync that is
// interrupted resumes at its last checkpoint. By default, the cursor moves when
// the whole table has been read.
//
// The order is checked. A value that is less than the one before it ends the
// sync with an [*OrderError]. Sorted applies to time, integer and string
// cursors.
func Sorted() Option { return func(o *options) { o.sorted = true } }

// Exclusive declares that the source cannot include rows with the value of
// [Cursor.Start], and only returns rows with greater values. The cursor then
// stays one value behind, at the second greatest value, because there may be
// more rows with the greatest one. Exclusive applies to time, integer and
// string cursors.
func Exclusive() Option { return func(o *options) { o.exclusive = true } }

// StartAt sets the value that [Cursor.Start] returns on a first sync. On later
// syncs, Start returns no smaller value, except for a [Token]. By default, a
// first sync starts at the zero value. StartAt applies to cursors of type T.
func StartAt[T Value](v T) Option { return func(o *options) { o.startAt = v } }

// UpTo sets a bound that the cursor never moves past. Determine it before the
// first request, for example with [time.Now]. Rows that change during the sync
// are then read by the next sync, even if they become visible late. By default,
// there is no bound. UpTo applies to time, integer and string cursors of type
// T.
func UpTo[T Value](v T) Option { return func(o *options) { o.end = v } }

// Lookback makes each sync start at the value where the previous one ended,
// minus the given difference. It is for sources in which some rows become
// visible late. The difference must not be negative. It is a [time.Duration]
// for a time cursor and an int64 for an integer cursor. Lookback does not apply
// to other cursors.
func Lookback[D time.Duration | int64](by D) Option { return func(o *options) { o.lookback = by } }

// Key sets the key of the cursor in the table's part, for tables with more than
// one cursor. By default, the key is "cursor". Key applies to cursors of all
// types, but not to [Partitions].
func Key(name string) Option { return func(o *options) { o.key = name } }

// check returns an error if an option does not apply to cursors of v's type.
func (o *options) check(v any) error {
	if _, opaque := v.(Token); opaque && (o.sorted || o.exclusive || o.end != nil) {
		return errors.New("tokens have no order: remove the options Sorted, Exclusive and UpTo")
	}
	typ := reflect.TypeOf(v)
	for _, bound := range []struct {
		option string
		value  any
	}{{"StartAt", o.startAt}, {"UpTo", o.end}} {
		if bound.value != nil && reflect.TypeOf(bound.value) != typ {
			return fmt.Errorf("the option %s has the type %T, but the cursor has the type %v", bound.option, bound.value, typ)
		}
	}
	switch by := o.lookback.(type) {
	case time.Duration:
		if _, ok := v.(time.Time); !ok {
			return fmt.Errorf("a Lookback of type time.Duration does not apply to a cursor of type %v", typ)
		}
		if by < 0 {
			return errors.New("the Lookback is negative")
		}
	case int64:
		if _, ok := v.(int64); !ok {
			return fmt.Errorf("a Lookback of type int64 does not apply to a cursor of type %v", typ)
		}
		if by < 0 {
			return errors.New("the Lookback is negative")
		}
	}
	return nil
}
