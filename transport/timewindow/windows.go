package timewindow

import (
	"iter"
	"time"
)

// Windows divides the time between Start and End into windows.
type Windows struct {
	// Start is the beginning of the first window, before Lookback is applied:
	// the cursor of the last sync, or the earliest time of interest. Required.
	Start time.Time

	// End is the end of the last window. Read the clock once, before the first
	// request, so that changes during the sync are left to the next one.
	// Required.
	End time.Time

	// Step is the length of a window. The last window may be shorter. For calendar days,
	// use Days, because a day on which clocks change does not have 24 hours. Optional;
	// without Step, Days and Months, there is a single window.
	Step time.Duration

	// Days is the length of a window in calendar days, in the location of Start. Each
	// window ends at the time of day at which the first one begins. If clocks skip that
	// time, it ends when they are changed. Days takes precedence over Step. Optional.
	Days int

	// Months is the length of a window in calendar months, in the location of
	// Start. It takes precedence over Days and Step. A month after the 31st of
	// January is the end of February. Optional.
	Months int

	// Lookback moves the beginning of the first window to an earlier time, for
	// sources whose records become visible late. Records within it are read
	// again. Optional.
	Lookback time.Duration

	// NotBefore is the earliest beginning that Lookback may lead to. Optional.
	NotBefore time.Time
}

// All returns the windows in order. They cover the time from Start minus Lookback to
// End, without gaps or overlaps. If End is not after that start, there are no
// windows. All times are in the location of Start.
func (w Windows) All() iter.Seq[Window] {
	return func(yield func(Window) bool) {
		first := w.Start.Add(-max(w.Lookback, 0))
		if first.Before(w.NotBefore) {
			first = w.NotBefore.In(w.Start.Location())
		}
		last := w.End.In(w.Start.Location())
		start := first
		for i := 1; start.Before(last); i++ {
			end := last
			switch {
			case w.Months > 0:
				// Months are added to the first day, so that the 31st stays the 31st.
				end = addMonths(first, i*w.Months)
			case w.Days > 0:
				end = addDays(first, i*w.Days)
			case w.Step > 0:
				end = start.Add(w.Step)
			}
			if end.After(last) {
				end = last
			}
			if !end.After(start) { // a location can skip a whole day
				continue
			}
			if !yield(Window{start, end}) {
				return
			}
			start = end
		}
	}
}
