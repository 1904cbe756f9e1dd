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
