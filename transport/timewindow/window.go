// Package timewindow divides a span of time into windows, for sources that are
// queried for what changed between two times. It does not depend on net/http.
//
//	cursor := state.NewCursor[time.Time](st, "orders", state.Sorted(), state.StartAt(c.Since))
//	windows := timewindow.Windows{Start: cursor.Start(), End: time.Now(), Step: 24 * time.Hour}
//	err := timewindow.Each(ctx, windows.All(), time.Hour, func(ctx context.Context, w timewindow.Window) error {
//		if err := c.readOrders(ctx, out, w.Start, w.End); err != nil {
//			return err
//		}
//		cursor.Advance(w.End)
//		return out.Checkpoint()
//	})
//
// The cursor moves to the end of each window, so that a sync that is interrupted
// resumes with the window that it was reading.
package timewindow

import (
	"fmt"
	"time"
)

// A Window is a span of time from Start, inclusive, to End, exclusive.
type Window struct{ Start, End time.Time }

// String returns the window as [start, end) in RFC 3339.
func (w Window) String() string {
	return fmt.Sprintf("[%s, %s)", w.Start.Format(time.RFC3339Nano), w.End.Format(time.RFC3339Nano))
}
