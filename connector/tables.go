package connector

import (
	"context"

	"github.com/penstock-sdk/penstock/state"
)

// A TableFunc syncs one table and the tables that follow it. It has the
// signature and the contract of [Connector].Sync, limited to these tables: its
// checkpoints save only their state, and so does returning nil.
type TableFunc func(ctx context.Context, st state.State, out Emitter) error

// Tables syncs several tables concurrently. A table that fails does not stop the
// others.
//
//	var tables connector.Tables
//	tables.Add("customers", c.syncCustomers)
//	tables.Add("orders", c.syncOrders)
//	tables.AddEndless("events", c.syncEvents) // a queue
//	return tables.Sync(ctx, st, out)
//
// The zero Tables is ready to use. Tables is not safe for concurrent use.
type Tables struct {
	// Parallel is the number of functions that run at the same time, in addition
	// to the endless ones. Optional; the default is 4.
	Parallel int

	units []unit
}

type unit struct {
	table   string
	sync    TableFunc
	endless bool
}

// Add adds a table and the function that syncs it. The function also delivers
// the rows of the tables that follow the table, such as the items that are nested
// in an order (see [schema.Table.Following]). If the source has no table of that
// name when the function returns, the table fails.
func (t *Tables) Add(table string, sync TableFunc) {
	t.units = append(t.units, unit{table: table, sync: sync})
}

// AddEndless is like [Tables.Add], for a function that does not return before the
// sync is told to end, such as one that reads a queue or a log. All endless
// functions run at the same time and do not count toward Parallel.
//
// Until the function returns, only its checkpoints save its state. A cursor
// therefore needs the option state.Sorted, or must be a state.Token. If a table
// fails while an endless function is running, the user receives a warning at once,
// because the sync does not end. A time budget ends such a sync successfully; see
// [Connector].
func (t *Tables) AddEndless(table string, sync TableFunc) {
	t.units = append(t.units, unit{table: table, sync: sync, endless: true})
}

// Sync calls the endless functions at once, and the other functions in the order in
// which they were added, up to Parallel at a time. It waits for all of them. It
// skips a function if the user has selected neither its table nor any table that
// follows it.
//
// If a function returns an error or panics, the others continue. The state of
// its tables stays as it was at their last checkpoint. Sync then returns an
// [*Error] that wraps a [*TablesError].
//
// If no function returns for five minutes while others wait to be called, Sync warns
// the user once and names the tables that wait. They may never be read, if the
// functions that are running are endless.
//
// If the sync succeeds, and nothing has read a table that the schema has and the user has
// selected, the user receives a warning: probably a call of Add is missing.
//
// Once ctx is done, Sync starts no more functions. Unless all tables have been
// read, it then returns the cause of ctx.
func (t *Tables) Sync(ctx context.Context, st state.State, out Emitter) error {
	parallel := t.Parallel
	if parallel <= 0 {
		parallel = 4
	}
	r := &tablesRun{tables: t, st: st, out: out, failures: make([]error, len(t.units)), slots: make(chan struct{}, parallel)}
	count := 0
	for _, endless := range []bool{true, false} {
		for i, u := range t.units {
			if u.endless == endless && out.Selected(u.table) {
				count++
				r.start(ctx, i)
			}
		}
	}
	r.wait.Wait()
	failed := &TablesError{Total: count}
	for i, err := range r.failures {
		if err != nil {
			failed.Failures = append(failed.Failures, TableFailure{Table: t.units[i].table, Err: err})
		}
	}
	switch {
	case len(failed.Failures) == 0:
		return nil
	case ctx.Err() != nil:
		// Most failures have this cause. SyncTables has reported the others.
		return context.Cause(ctx)
	}
	return &Error{Kind: failed.kind(), Err: failed}
}
