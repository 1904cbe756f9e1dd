package timewindow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
	"github.com/penstock-sdk/penstock/transport/timewindow"
)

// A sync reads from the cursor to the time at which it began, in steps of a day.
func ExampleWindows() {
	windows := timewindow.Windows{
		Start:    time.Date(2024, 5, 1, 6, 0, 0, 0, time.UTC), // the cursor of the last sync
		End:      time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC), // the time at which this sync began
		Step:     24 * time.Hour,
		Lookback: time.Hour,
	}
	for w := range windows.All() {
		fmt.Println(w)
	}
	// Output:
	// [2024-05-01T05:00:00Z, 2024-05-02T05:00:00Z)
	// [2024-05-02T05:00:00Z, 2024-05-03T00:00:00Z)
}

// A day on which clocks change has 23 or 25 hours.
func ExampleWindows_days() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	windows := timewindow.Windows{
		Start: time.Date(2024, 3, 30, 0, 0, 0, 0, berlin),
		End:   time.Date(2024, 4, 2, 0, 0, 0, 0, berlin),
		Days:  1,
	}
	for w := range windows.All() {
		fmt.Println(w, w.End.Sub(w.Start))
	}
	// Output:
	// [2024-03-30T00:00:00+01:00, 2024-03-31T00:00:00+01:00) 24h0m0s
	// [2024-03-31T00:00:00+01:00, 2024-04-01T00:00:00+02:00) 23h0m0s
	// [2024-04-01T00:00:00+02:00, 2024-04-02T00:00:00+02:00) 24h0m0s
}

// The source refuses requests for more than a day. Each divides the window into halves.
func ExampleEach() {
	client := transporttest.Client(func(w http.ResponseWriter, r *http.Request) {
		from, _ := time.Parse(time.RFC3339, r.FormValue("from"))
		to, _ := time.Parse(time.RFC3339, r.FormValue("to"))
		if to.Sub(from) > 24*time.Hour {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}, transport.WithRules(transport.Rule{Status: http.StatusRequestEntityTooLarge, Do: transport.DoSplit}), transport.WithLogger(transporttest.Quiet))

	windows := timewindow.Windows{Start: day(1), End: day(3)}
	err := timewindow.Each(context.Background(), windows.All(), time.Hour, func(ctx context.Context, w timewindow.Window) error {
		_, err := client.Do(ctx, transport.Request{Path: "/orders", Query: url.Values{
			"from": {w.Start.Format(time.RFC3339)}, "to": {w.End.Format(time.RFC3339)},
		}})
		fmt.Println(w, errors.Is(err, timewindow.ErrSplit))
		return err
	})
	fmt.Println(err)
	// Output:
	// [2024-05-01T00:00:00Z, 2024-05-03T00:00:00Z) true
	// [2024-05-01T00:00:00Z, 2024-05-02T00:00:00Z) false
	// [2024-05-02T00:00:00Z, 2024-05-03T00:00:00Z) false
	// <nil>
}
