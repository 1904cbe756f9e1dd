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
