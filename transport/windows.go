package transport

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// A Window is a span of time: from Start, inclusive, to End, exclusive.
type Window struct{ Start, End time.Time }

// String returns the window as [start, end) in RFC 3339.
func (w Window) String() string {
	return fmt.Sprintf("[%s, %s)", w.Start.Format(time.RFC3339Nano), w.End.Format(time.RFC3339Nano))
}

// Windows cuts a span of time into windows, for sources that are asked for what
// changed between two times.
type Windows struct {
	// Start is where to begin: the cursor of the last sync, or the first time
	// of interest. Required.
	Start time.Time

	// End is where to stop, exclusive. Take it once, before the first request,
	// so that what changes while the sync runs is left to the next one.
	// Required.
	End time.Time

	// Step is the length of a window; the last one is shorter. Optional; the
	// default is one window for everything.
	Step time.Duration

	// Months is the length of a window in months of the calendar instead, in
	// the location of Start: from the 31st of January a month leads to the end
	// of February. Optional.
	Months int

	// Lookback is how much before Start to begin, for sources whose records
	// appear late. What it covers is read again. Optional.
	Lookback time.Duration

	// NotBefore is the earliest time that Lookback may lead to. Optional.
	NotBefore time.Time
}

// All yields the windows in their order. They cover everything from Start (less
// Lookback) to End, once. There is none where End is not after that.
func (w Windows) All() iter.Seq[Window] {
	return func(yield func(Window) bool) {
		start := w.Start.Add(-max(w.Lookback, 0))
		if start.Before(w.NotBefore) {
			start = w.NotBefore
		}
		at := start
		for i := 1; at.Before(w.End); i++ {
			end := w.End
			switch {
			case w.Months > 0:
				// Counted from the start each time: the 31st stays the 31st.
				end = addMonths(start, i*w.Months)
			case w.Step > 0:
				end = at.Add(w.Step)
			}
			if end.After(w.End) {
				end = w.End
			}
			if !yield(Window{at, end}) {
				return
			}
			at = end
		}
	}
}

// addMonths is like AddDate, but ends with the month where a month has no such
// day.
func addMonths(t time.Time, months int) time.Time {
	moved := t.AddDate(0, months, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// EachWindow calls read for each window, in their order, until it fails. Where
// read fails with [ErrSplit], the window is cut in two halves, and read is
// called for each of them; records of the window that were given out before are
// then read again. smallest is the shortest window to cut a window into; an
// error that remains there is returned. Windows are cut at full seconds.
func EachWindow(ctx context.Context, windows iter.Seq[Window], smallest time.Duration, read func(context.Context, Window) error) error {
	for w := range windows {
		if err := eachHalf(ctx, w, max(smallest, time.Second), read); err != nil {
			return err
		}
	}
	return nil
}

func eachHalf(ctx context.Context, w Window, smallest time.Duration, read func(context.Context, Window) error) error {
	if ctx.Err() != nil {
		return ended(ctx)
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
