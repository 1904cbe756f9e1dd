package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
)

// maxRecord is the maximum number of bytes of text in a record in Decode.
const maxRecord = 24 << 20

// Decode reads records from r and decodes each into a T.
//
// The iterator yields each record with a nil error. If reading or decoding
// fails, it yields the zero T with the error, as the last pair. The error names
// the record; [ErrTooLarge], [ErrCut], [ErrNotJSON] and [ErrNoRecords] are found
// with errors.Is. The caller may break out of the loop at any time. Decode does
// not close r. A record may have up to 24 MiB of text.
//
// If a null is lost because the type of its field cannot hold it, or a byte is
// replaced because it is not valid text, Decode logs a line at level WARN to
// slog.Default (see the package documentation). In a sync, use [DecodeContext],
// which warns the user of the platform.
func Decode[T any](r io.Reader, f Format) iter.Seq2[T, error] {
	return DecodeContext[T](context.Background(), r, f)
}

// DecodeContext is like [Decode], except that warnings reach the user of the
// platform to whose sync ctx belongs. It does not end when ctx is done.
func DecodeContext[T any](ctx context.Context, r io.Reader, f Format) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := EachContext(ctx, r, f, maxRecord, func(v T) bool { return yield(v, nil) }); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

// Each decodes records like [Decode] and calls yield for each of them, until yield
// returns false. It returns the error, or nil if yield returned false. maxRecord
// limits the size of a record, in bytes of text.
func Each[T any](r io.Reader, f Format, maxRecord int64, yield func(T) bool) error {
	return EachContext(context.Background(), r, f, maxRecord, yield)
}

// EachContext is like [Each], except that warnings reach the user of the platform,
// as with [DecodeContext].
func EachContext[T any](ctx context.Context, r io.Reader, f Format, maxRecord int64, yield func(T) bool) error {
	if f == nil {
		return errors.New("no format given")
	}
	n := 0
	var failed error
	stopped := false
	err := read(f, r, maxRecord, newLossCheck[T](ctx), func(decode func(any) error) bool {
		if stopped {
			return false
		}
		n++
		var v T
		if err := decode(&v); err != nil {
			failed = fmt.Errorf("decode record %d as %s: %w", n, reflect.TypeFor[T](), err)
			stopped = true
			return false
		}
		stopped = !yield(v)
		return !stopped
	})
	if stopped {
		// An error of f itself is a consequence of stopping.
		return failed
	}
	if err != nil && n > 0 {
		err = fmt.Errorf("after record %d: %w", n, err)
	}
	return err
}
