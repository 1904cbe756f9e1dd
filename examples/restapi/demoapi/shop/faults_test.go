package shop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestFaultsOfEveryKindOccurAtMostThreeTimesInARow(t *testing.T) {
	for _, share := range []float64{0.3, 0.9, 1} {
		s := shop.New(shop.Config{APIKey: "k", Customers: 5, Faults: share, Seed: 1})
		c := serve(t, s)
		seen, row, longest, faults := map[string]int{}, 0, 0, 0
		for range 300 {
			switch fault := c.fault("/customers"); fault {
			case "":
				row = 0
			default:
				seen[fault]++
				faults++
				row++
				longest = max(longest, row)
			}
		}
		assert.Equal(t, 3, longest)
		assert.Len(t, seen, 4, "%v", seen)
		assert.EqualValues(t, faults, s.Faults())
		assert.EqualValues(t, 300, s.Requests())
	}
}

func TestTheShareAndTheSeedDetermineTheFaults(t *testing.T) {
	faults := func(seed uint64) (all []string) {
		s := shop.New(shop.Config{APIKey: "k", Customers: 5, Faults: 0.2, Seed: seed})
		c := serve(t, s)
		for i := range 1000 {
			all = append(all, c.fault(fmt.Sprintf("/customers?page=%d", i+1)))
		}
		assert.InDelta(t, 200, s.Faults(), 60)
		return all
	}
	first := faults(1)
	assert.Equal(t, first, faults(1))
	assert.NotEqual(t, first, faults(2))
}

func TestConcurrentClientsEachSucceed(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 500, Faults: 0.5, Seed: 2})
	c := serve(t, s)
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for next := "/orders?limit=10"; next != ""; {
				var page struct{ Next string }
				for try := 1; ; try++ {
					resp, body, err := c.get(http.MethodGet, next, "k")
					if err == nil && resp.StatusCode == http.StatusOK {
						assert.NoError(t, json.Unmarshal(body, &page))
						break
					}
					if !assert.LessOrEqual(t, try, 3, next) {
						return
					}
				}
				next = page.Next
			}
		})
	}
	wait.Wait()
	assert.Positive(t, s.Faults())
}
