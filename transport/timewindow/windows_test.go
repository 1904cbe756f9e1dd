package timewindow_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

func day(d int) time.Time { return time.Date(2024, 5, d, 0, 0, 0, 0, time.UTC) }

func TestWindowsCoverTheTimeWithoutGapsOrOverlaps(t *testing.T) {
	all := func(w timewindow.Windows) []timewindow.Window { return slices.Collect(w.All()) }
	assert.Equal(t, []timewindow.Window{{Start: day(1), End: day(3)}, {Start: day(3), End: day(5)}, {Start: day(5), End: day(6)}}, all(timewindow.Windows{Start: day(1), End: day(6), Step: 48 * time.Hour}))
	assert.Equal(t, []timewindow.Window{{Start: day(1), End: day(6)}}, all(timewindow.Windows{Start: day(1), End: day(6)}))
	assert.Equal(t, []timewindow.Window{{Start: day(2), End: day(6)}}, all(timewindow.Windows{Start: day(3), End: day(6), Lookback: 24 * time.Hour}))
	assert.Equal(t, []timewindow.Window{{Start: day(2), End: day(6)}}, all(timewindow.Windows{Start: day(3), End: day(6), Lookback: 240 * time.Hour, NotBefore: day(2)}))
	assert.Empty(t, all(timewindow.Windows{Start: day(6), End: day(6), Step: time.Hour}))
	assert.Empty(t, all(timewindow.Windows{Start: day(7), End: day(6)}))
}

func TestWindowsOfMonthsEndAtTheLastDayOfAShorterMonth(t *testing.T) {
	var months []string
	for w := range (timewindow.Windows{Start: time.Date(2024, 1, 31, 0, 0, 0, 0, time.UTC), End: day(10), Months: 1}).All() {
		months = append(months, w.Start.Format("0102")+"-"+w.End.Format("0102"))
	}
	assert.Equal(t, []string{"0131-0229", "0229-0331", "0331-0430", "0430-0510"}, months)
}

// location returns a location of the time zone database.
func location(t *testing.T, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	require.NoError(t, err)
	return l
}

func TestWindowsOfDaysFollowTheClocksOfTheirLocation(t *testing.T) {
	for _, c := range []struct {
		location string
		start    time.Time // in UTC
		want     []string  // the starts of three windows and the end of the last one
	}{
		{"UTC", time.Date(2024, 2, 28, 0, 0, 0, 0, time.UTC), []string{"02-28 00:00 +00", "02-29 00:00 +00", "03-01 00:00 +00", "03-02 00:00 +00"}},
		{"America/New_York", time.Date(2024, 3, 9, 0, 0, 0, 0, time.UTC), []string{"03-09 00:00 -05", "03-10 00:00 -05", "03-11 00:00 -04", "03-12 00:00 -04"}},
		{"America/New_York", time.Date(2024, 3, 9, 2, 30, 0, 0, time.UTC), []string{"03-09 02:30 -05", "03-10 03:00 -04", "03-11 02:30 -04", "03-12 02:30 -04"}},
		{"America/New_York", time.Date(2024, 11, 2, 1, 30, 0, 0, time.UTC), []string{"11-02 01:30 -04", "11-03 01:30 -04", "11-04 01:30 -05", "11-05 01:30 -05"}},
		{"Europe/Berlin", time.Date(2024, 10, 26, 0, 0, 0, 0, time.UTC), []string{"10-26 00:00 +02", "10-27 00:00 +02", "10-28 00:00 +01", "10-29 00:00 +01"}},
		{"America/Sao_Paulo", time.Date(2018, 11, 3, 0, 0, 0, 0, time.UTC), []string{"11-03 00:00 -03", "11-04 01:00 -02", "11-05 00:00 -02", "11-06 00:00 -02"}},
		{"Asia/Beirut", time.Date(2024, 3, 30, 0, 0, 0, 0, time.UTC), []string{"03-30 00:00 +02", "03-31 01:00 +03", "04-01 00:00 +03", "04-02 00:00 +03"}},
		{"Africa/Cairo", time.Date(2024, 4, 25, 0, 0, 0, 0, time.UTC), []string{"04-25 00:00 +02", "04-26 01:00 +03", "04-27 00:00 +03", "04-28 00:00 +03"}},
		{"America/Havana", time.Date(2024, 11, 2, 0, 30, 0, 0, time.UTC), []string{"11-02 00:30 -04", "11-03 00:30 -04", "11-04 00:30 -05", "11-05 00:30 -05"}},
		{"Pacific/Apia", time.Date(2011, 12, 28, 0, 0, 0, 0, time.UTC), []string{"12-28 00:00 -10", "12-29 00:00 -10", "12-31 00:00 +14", "01-01 00:00 +14"}},
		{"Australia/Lord_Howe", time.Date(2024, 10, 5, 2, 15, 0, 0, time.UTC), []string{"10-05 02:15 +10", "10-06 02:30 +11", "10-07 02:15 +11", "10-08 02:15 +11"}},
	} {
		y, m, d := c.start.Date()
		hour, minute, _ := c.start.Clock()
		start := time.Date(y, m, d, hour, minute, 0, 0, location(t, c.location))
		var got []string
		for w := range (timewindow.Windows{Start: start, End: day(1).AddDate(1, 0, 0), Days: 1, Step: time.Hour}).All() {
			if got = append(got, w.Start.Format("01-02 15:04 -07")); len(got) == 4 {
				break
			}
		}
		assert.Equal(t, c.want, got, c.location)
	}
}

func TestWindowsOfDaysAndMonthsHaveNoGapsOrOverlapsInAnyLocation(t *testing.T) {
	for _, name := range []string{"UTC", "America/New_York", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Africa/Casablanca", "America/Havana", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tehran"} {
		for _, hour := range []int{0, 1, 2, 23} {
			for _, w := range []timewindow.Windows{{Days: 1}, {Days: 7}, {Months: 1}, {Months: 12}} {
				w.Start = time.Date(2007, 12, 31, hour, 30, 0, 0, location(t, name))
				w.End = time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)
				w.Lookback = time.Hour
				at, most := w.Start.Add(-time.Hour), 26*time.Hour*time.Duration(w.Days)+32*24*time.Hour*time.Duration(w.Months)
				for window := range w.All() {
					require.True(t, at.Equal(window.Start), "%s: %v", name, window)
					require.True(t, window.End.After(window.Start), "%s: %v", name, window)
					require.LessOrEqual(t, window.End.Sub(window.Start), most, "%s: %v", name, window)
					require.Equal(t, w.Start.Location(), window.End.Location())
					at = window.End
				}
				require.True(t, at.Equal(w.End), name)
			}
		}
	}
}

func TestWindowsOfMonthsKeepTheirDayWhereClocksSkipMidnight(t *testing.T) {
	var got []string
	start := time.Date(2018, 9, 4, 0, 0, 0, 0, location(t, "America/Sao_Paulo"))
	for w := range (timewindow.Windows{Start: start, End: start.AddDate(0, 4, 0), Months: 1}).All() {
		got = append(got, w.Start.Format("01-02 15:04"))
	}
	assert.Equal(t, []string{"09-04 00:00", "10-04 00:00", "11-04 01:00", "12-04 00:00"}, got)
}

func TestNotBeforeIsTakenInTheLocationOfStart(t *testing.T) {
	berlin := location(t, "Europe/Berlin")
	w := timewindow.Windows{Start: time.Date(2024, 4, 2, 0, 0, 0, 0, berlin), End: day(1), Lookback: 100 * time.Hour, NotBefore: time.Date(2024, 3, 30, 23, 0, 0, 0, time.UTC), Days: 1}
	for first := range w.All() {
		assert.Equal(t, "[2024-03-31T00:00:00+01:00, 2024-04-01T00:00:00+02:00)", first.String())
		break
	}
}

func TestAWindowIsPrintedAsAHalfOpenInterval(t *testing.T) {
	assert.Equal(t, "[2024-05-01T00:00:00Z, 2024-05-02T00:00:00Z)", timewindow.Window{Start: day(1), End: day(2)}.String())
}

func TestEachDividesAWindowThatTheSourceRefuses(t *testing.T) {
	c := transporttest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		from, _ := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
		to, _ := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
		if to.Sub(from) > 12*time.Hour {
			w.WriteHeader(413)
		}
	}, transport.WithRules(transport.Rule{Status: 413, Do: transport.DoSplit}))
	var read []timewindow.Window
	query := func(ctx context.Context, w timewindow.Window) error {
		_, err := c.Do(ctx, transport.Request{Query: map[string][]string{"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)}}})
		if err == nil {
			read = append(read, w)
		}
		return err
	}
	windows := timewindow.Windows{Start: day(1), End: day(4), Step: 48 * time.Hour}
	require.NoError(t, timewindow.Each(ctx, windows.All(), time.Hour, query))
	require.Len(t, read, 6)
	at := day(1)
	for _, w := range read {
		assert.Equal(t, at, w.Start, "the windows have no gaps")
		at = w.End
	}
	assert.Equal(t, day(4), at)
	err := timewindow.Each(ctx, windows.All(), 10*time.Hour*24, query)
	assert.ErrorIs(t, err, timewindow.ErrSplit)
	assert.ErrorContains(t, err, "window [2024-05-01T00:00:00Z, 2024-05-03T00:00:00Z)")
	assert.Equal(t, 413, transporttest.AsError(t, err).Status)
	cctx, cancel := context.WithCancel(ctx)
	cancel()
	assert.ErrorIs(t, timewindow.Each(cctx, windows.All(), 0, query), context.Canceled)
}

func TestAStartThatWasNeverSetIsAnErrorBeforeTheFirstRead(t *testing.T) {
	windows := timewindow.Windows{End: day(3), Step: 24 * time.Hour}
	err := timewindow.Each(t.Context(), windows.All(), time.Hour, func(context.Context, timewindow.Window) error {
		t.Error("a window was read")
		return nil
	})
	assert.ErrorContains(t, err, "the start is not set")
}
