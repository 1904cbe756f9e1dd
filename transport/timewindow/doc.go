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
