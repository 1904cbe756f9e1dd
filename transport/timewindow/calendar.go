package timewindow

import "time"

// addMonths is like AddDate, but returns the last day of a month that is too short.
func addMonths(t time.Time, months int) time.Time {
	year, month, day := t.Date()
	lastDay := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC)
	return onDate(t, lastDay.Year(), lastDay.Month(), min(day, lastDay.Day()))
}

// addDays is like AddDate, but unambiguous on days on which clocks change.
func addDays(t time.Time, days int) time.Time {
	year, month, day := t.Date()
	return onDate(t, year, month, day+days)
}

// onDate returns the time at which clocks in the location of t show the time of day of t
// on a date. If they show it twice, onDate returns the first time. If they skip it, onDate
// returns the time at which they are changed. In both cases, time.Date does not specify
// which time it returns.
func onDate(t time.Time, year int, month time.Month, day int) time.Time {
	hour, minute, second := t.Clock()
	location := t.Location()
	at := time.Date(year, month, day, hour, minute, second, t.Nanosecond(), location)
	wanted := time.Date(year, month, day, hour, minute, second, t.Nanosecond(), time.UTC)
	// The clock is behind by the difference.
	switch difference := wanted.Sub(clock(at)); {
	case difference > 0: // the time before the change
		_, end := at.ZoneBounds()
		return end
	case difference < 0: // the time after the change
		start, _ := at.ZoneBounds()
		return start
	}
	if start, _ := at.ZoneBounds(); !start.IsZero() {
		_, offset := at.Zone()
		_, before := start.Add(-1).Zone()
		earlier := at.Add(time.Duration(offset-before) * time.Second)
		if earlier.Before(start) && clock(earlier).Equal(wanted) {
			return earlier
		}
	}
	return at
}

// clock returns the time in UTC that has the date and the time of day that t has in its
// location.
func clock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}
