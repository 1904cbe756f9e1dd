package timewindow

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
)

// ErrSplit reports that the source refused a request because it asks for too
// much at once. The function passed to [Each] returns an error that wraps it.
// The errors of package transport wrap it if a rule of the client has the action
// transport.DoSplit.
var ErrSplit = errors.New("the request asks for too much at once")

// Each calls read for each window in order. If read fails with an error that
// wraps [ErrSplit], Each divides the window into halves, at a full second, and
// calls read for each half; records that were read from the window before the
// error are then read again. It does not make windows shorter than smallest, nor
// shorter than a second.
//
// Each stops at the first other error and returns it, with the window. If ctx
// ends, it returns the error of the context. A window that starts before the year
// 1000 is an error, because its start is a time that was never set, such as that of
// a cursor in a first sync.
func Each(ctx context.Context, windows iter.Seq[Window], smallest time.Duration, read func(context.Context, Window) error) error {
	for w := range windows {
		if w.Start.Year() < 1000 {
			return fmt.Errorf("window %v: the start is not set; give the first sync one, such as state.StartAt for a cursor", w)
		}
		if err := eachHalf(ctx, w, max(smallest, time.Second), read); err != nil {
			return err
		}
	}
	return nil
}

func eachHalf(ctx context.Context, w Window, smallest time.Duration, read func(context.Context, Window) error) error {
	if ctx.Err() != nil {
		return ctxwait.Cause(ctx)
	}
	err := read(ctx, w)
	if err == nil {
		return nil
	}
	length := w.End.Sub(w.Start)
	half := (length / 2).Round(time.Second)
	if !errors.Is(err, ErrSplit) || half < smallest || length-half < smallest {
		return fmt.Errorf("window %v: %w", w, err)
	}
	middle := w.Start.Add(half)
	if err := eachHalf(ctx, Window{w.Start, middle}, smallest, read); err != nil {
		return err
	}
	return eachHalf(ctx, Window{middle, w.End}, smallest, read)
}
