package fakeapi

import (
	"math"
	"sync"
	"time"
)

// QueryCost makes each valid query of a [GraphQL] endpoint cost a number of points. The
// endpoint has a budget of at most capacity points, full at first, and restores
// perSecond points every second. A query that costs more than is left has status 200
// and an error, without data:
//
//	{"errors":[{"message":"Throttled: ...","extensions":{"code":"THROTTLED"}}]}
//
// Every response to a valid query says what it cost:
//
//	"extensions":{"cost":{"requestedQueryCost":10,"actualQueryCost":10,"throttleStatus":
//	{"maximumAvailable":1000,"currentlyAvailable":990,"restoreRate":50}}}
//
// By default, queries cost nothing.
func QueryCost(points, capacity, perSecond int) GraphQLOption {
	return func(g *graphql) {
		if points < 1 || capacity < points || perSecond < 1 || capacity > maxBudget || perSecond > maxBudget {
			g.wrong("a query costs %d of %d points, of which %d are restored in a second: want at least 1, at most %d, and a capacity of at least one query", points, capacity, perSecond, maxBudget)
			return
		}
		if g.budget != nil {
			g.wrong("there are two options for the cost of a query")
		}
		g.budget = &budget{cost: points, capacity: capacity, rate: perSecond}
	}
}

// maxBudget is the maximum number of points, so that a time to restore them does not
// overflow a duration.
const maxBudget = 1_000_000_000

// A budget limits the cost of queries.
type budget struct {
	cost, capacity, rate int

	mu sync.Mutex
	// full is when the budget is full again. The points that are missing until then
	// are the time until then, multiplied by the rate.
	full time.Time
}

// spend takes the cost of a query from the budget. It returns the cost as JSON, and an
// error if the budget is too small.
func (b *budget) spend() ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.full.Before(now) {
		b.full = now
	}
	full := b.full.Add(b.restoring(b.cost))
	throttled := full.Sub(now) > b.restoring(b.capacity)
	actual := b.cost
	if throttled {
		actual = 0
	} else {
		b.full = full
	}
	type status struct {
		Maximum   int `json:"maximumAvailable"`
		Available int `json:"currentlyAvailable"`
		Rate      int `json:"restoreRate"`
	}
	missing := math.Ceil(b.full.Sub(now).Seconds()*float64(b.rate) - 1e-6) // not more, because of a rounding error
	cost, _ := marshal(struct {
		Requested int    `json:"requestedQueryCost"`
		Actual    int    `json:"actualQueryCost"`
		Status    status `json:"throttleStatus"`
	}{b.cost, actual, status{b.capacity, b.capacity - int(missing), b.rate}}) // always marshals
	if throttled {
		return cost, &graphqlError{message: "Throttled: the budget is used up", code: "THROTTLED"}
	}
	return cost, nil
}

// restoring returns how long it takes to restore some points.
func (b *budget) restoring(points int) time.Duration {
	return time.Duration(float64(points) / float64(b.rate) * float64(time.Second))
}
