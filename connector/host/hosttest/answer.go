package hosttest

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"github.com/penstock-sdk/penstock/connector/host"
)

// An answer is the result of a call.
type answer struct {
	events []*Event
	err    error
	served chan struct{} // closed when Serve has returned

	mu    sync.Mutex
	mark  string
	size  int
	ended bool
	late  []*Event // after Serve has returned
}

// errTooMuch ends a run of a host that writes endlessly.
var errTooMuch = errors.New("hosttest: too many events")

// record adds an event. It returns an error if there are too many.
func (a *answer) record(e *Event) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.events) >= maxEvents || a.size >= maxBytes {
		return errTooMuch
	}
	a.size += len(e.Raw) + len(e.Row) + len(e.State)
	if a.ended {
		a.late = append(a.late, e)
	}
	a.events = append(a.events, e)
	return nil
}

// end marks the end of the call: later events are late.
func (a *answer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
}

// firstLate returns the first event that arrived after the end, or nil.
func (a *answer) firstLate() *Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.late) == 0 {
		return nil
	}
	return a.late[0]
}

// full reports whether the host wrote too many events or bytes.
func (a *answer) full() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events) >= maxEvents || a.size >= maxBytes
}

// all returns all events in order.
func (a *answer) all() []*Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.events)
}

// of returns the events of the given kinds, in order.
func (a *answer) of(kinds ...Kind) []*Event {
	var found []*Event
	for _, e := range a.all() {
		if slices.Contains(kinds, e.Kind) {
			found = append(found, e)
		}
	}
	return found
}

// last returns the last event with data or a message, or nil.
func (a *answer) last() *Event {
	all := a.of(Row, State, Warning, Failure)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// state returns the last state, or nil.
func (a *answer) state() []byte {
	states := a.of(State)
	if len(states) == 0 {
		return nil
	}
	return states[len(states)-1].State
}

// ids returns the ids of the upserts of a table, in order.
func (a *answer) ids(table string) []int64 {
	var ids []int64
	for _, e := range a.of(Row) {
		var row struct {
			ID int64 `json:"id"`
		}
		if e.Table == table && e.Op == host.OpUpsert && json.Unmarshal(e.Row, &row) == nil {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// changes returns the operations on tables in order.
func (a *answer) changes() []change {
	var all []change
	for _, e := range a.of(Row) {
		row := string(e.Row)
		if row == "" {
			row = "{}"
		}
		all = append(all, change{e.Op, e.Table, row})
	}
	return all
}
