package state

import (
	"errors"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"
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
	future    bool
	lookback  any // nil, time.Duration or int64
	startAt   any // nil or a Value
	end       any // nil or a Value

	typ   reflect.Type
	shape shape
	start value // the value of startAt, or absent
	bound value // the value of end, or absent
}

// newOptions returns the options of cursors of type T. If an option does not
// apply to T, the error says so, and the option is ignored.
func newOptions[T Value](key string, opts []Option) (*options, error) {
	o := &options{key: key, typ: reflect.TypeFor[T](), shape: shapeOf[T]()}
	for _, opt := range opts {
		opt(o)
	}
	err := o.check()
	if v, ok := o.asValue(o.startAt); ok {
		o.start = v
	}
	if v, ok := o.asValue(o.end); ok {
		o.bound = v
	}
	return o, err
}

// Sorted declares that the source returns rows in ascending order of the
// cursor's value. The cursor then moves with each row, and a sync that is
// interrupted resumes at its last checkpoint. By default, the cursor moves when
// the whole table has been read.
//
// The order is checked. A value that is less than the one before it ends the
// sync with an [*OrderError]. Zero values are not checked (see
// [Cursor.Advance]). Sorted applies to all cursors except those of tokens.
func Sorted() Option { return func(o *options) { o.sorted = true } }

// Exclusive declares that the source cannot include rows with the value of
// [Cursor.Start], and only returns rows with greater values. The cursor then
// stays one value behind, at the second greatest value, because there may be
// more rows with the greatest one. Exclusive applies to all cursors except those
// of tokens.
func Exclusive() Option { return func(o *options) { o.exclusive = true } }

// StartAt sets the value that [Cursor.Start] returns on a first sync. On later
// syncs, Start returns no smaller value, except for a [Token]. By default, a
// first sync starts at the zero value. StartAt applies to cursors of type T, and
// to cursors of a [Pair] whose first value has type T. The second value is then
// zero.
func StartAt[T Value](v T) Option { return func(o *options) { o.startAt = v } }

// UpTo sets a bound that the cursor never moves past. Determine it before the
// first request, for example with [time.Now]. Rows that change during the sync
// are then read by the next sync, even if they become visible late. By default,
// there is no bound. UpTo applies to cursors of type T, and to cursors of a
// [Pair] whose first value has type T. The next sync then reads all rows whose
// first value is the bound. UpTo does not apply to tokens.
func UpTo[T Value](v T) Option { return func(o *options) { o.end = v } }

// Lookback makes each sync start at the value where the previous one ended,
// minus the given difference. It is for sources in which some rows become
// visible late. The difference must not be negative. It is a [time.Duration]
// for a time cursor and an int64 for an integer cursor. For a [Pair], it is
// subtracted from the first value, and the second value becomes zero. Lookback
// does not apply to other cursors.
func Lookback[D time.Duration | int64](by D) Option { return func(o *options) { o.lookback = by } }

// Key sets the key of the cursor in the table's part, for tables with more than
// one cursor. By default, the key is "cursor", and "partitions" for
// [Partitions]. A key must not begin with an underscore. Key applies to cursors
// of all types and to Partitions.
func Key(name string) Option { return func(o *options) { o.key = name } }

// AllowFuture declares that values may be any time in the future, for example in
// a table of appointments that is sorted by their date. By default, a value that
// is more than one year in the future does not move the cursor (see
// [Cursor.Advance]). AllowFuture applies to time cursors, and to cursors of a
// [Pair] whose first value is a time.
func AllowFuture() Option { return func(o *options) { o.future = true } }

// checkKey returns an error if a connector must not use a key.
func checkKey(key string) error {
	switch {
	case !utf8.ValidString(key):
		return errors.New("it is not valid UTF-8")
	case isReserved(key):
		return errors.New("keys that begin with an underscore are reserved")
	}
	return nil
}

// asValue returns the argument of an option as a value of the cursor. If the
// cursor is one of pairs, the argument can also be a first value.
func (o *options) asValue(argument any) (value, bool) {
	if reflect.TypeOf(argument) == o.typ {
		return valueOf(argument)
	}
	v, ok := valueOf(argument)
	if _, opaque := argument.(Token); !ok || opaque || o.shape.second == isAbsent || v.second != isAbsent || v.kind != o.shape.kind {
		return value{}, false
	}
	v.second = o.shape.second
	return v, true
}

// check returns an error if an option does not apply to the cursor.
func (o *options) check() error {
	if o.shape.opaque && (o.sorted || o.exclusive || o.end != nil) {
		return errors.New("tokens have no order: remove the options Sorted, Exclusive and UpTo")
	}
	for _, bound := range []struct {
		option string
		value  any
	}{{"StartAt", o.startAt}, {"UpTo", o.end}} {
		if _, ok := o.asValue(bound.value); bound.value != nil && !ok {
			return fmt.Errorf("the option %s has the type %T, but the cursor has the type %v", bound.option, bound.value, o.typ)
		}
	}
	if o.future && o.shape.kind != isTime {
		return fmt.Errorf("the option AllowFuture does not apply to a cursor of type %v", o.typ)
	}
	switch by := o.lookback.(type) {
	case time.Duration:
		return o.checkLookback(isTime, by < 0)
	case int64:
		return o.checkLookback(isInt, by < 0)
	}
	return nil
}

// checkLookback returns an error if the option Lookback, which is for cursors of
// the given kind, does not apply to the cursor.
func (o *options) checkLookback(k kind, negative bool) error {
	switch {
	case o.shape.kind != k:
		return fmt.Errorf("a Lookback of type %T does not apply to a cursor of type %v", o.lookback, o.typ)
	case negative:
		return errors.New("the Lookback is negative")
	}
	return nil
}
