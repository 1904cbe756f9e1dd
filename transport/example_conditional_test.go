package transport_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
)

// holidays is a source whose records rarely change.
func holidays(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"2024-1"`)
	if r.Header.Get("If-None-Match") == `"2024-1"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, `{"days":[{"id":1,"total":"Labour Day"}],"rates":{"eur":"1.08"}}`)
}

// The part of the table stores the ETag with the next checkpoint, so a later sync reads
// the records only if they have changed.
func ExampleRequest_validators() {
	client := clientOf(holidays)

	sync := func(st state.State) error {
		days := st.Table("holidays")
		if len(days.NewColumns()) > 0 {
			days.Delete(transport.ValidatorsKey) // read everything again
		}
		request := transport.Request{Path: "/holidays", RecordsAt: "days", Validators: days}
		for day, err := range transport.Records[Order](context.Background(), client, request, nil) {
			if err != nil {
				return err
			}
			fmt.Println(day.ID, day.Total) // out.Upsert("holidays", day)
		}
		return nil // out.Checkpoint()
	}
	st := state.New()
	fmt.Println("first sync:", sync(st))
	fmt.Println("second sync:", sync(st))
	// Output:
	// 1 Labour Day
	// first sync: <nil>
	// second sync: <nil>
}

// The rows are derived from one object.
func ExampleGetModified() {
	client := clientOf(holidays)

	request := transport.Request{Path: "/holidays", RecordsAt: "rates", Validators: state.New().Table("rates")}
	for range 2 {
		err := transport.GetModified(context.Background(), client, request, func(rates map[string]json.Number) error {
			for currency, rate := range rates {
				fmt.Println(currency, rate) // out.Upsert("rates", Rate{currency, rate})
			}
			return nil
		})
		fmt.Println(err)
	}
	// Output:
	// eur 1.08
	// <nil>
	// <nil>
}
