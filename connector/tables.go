package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/state"
)

// A TableFunc syncs one table and the tables that follow it. It has the signature and the
// contract of [Connector].Sync, limited to these tables: its checkpoints save
// only their state, and so does returning nil.
type TableFunc func(ctx context.Context, st state.State, out Emitter) error

// Tables syncs several tables concurrently. A table that fails does not stop the
// others.
//
//	var tables connector.Tables
//	tables.Add("customers", c.syncCustomers)
//	tables.Add("orders", c.syncOrders)
//	return tables.Sync(ctx, st, out)
//
// The zero Tables is ready to use. Tables is not safe for concurrent use.
type Tables struct {
	// Parallel is the number of functions that run at the same time. Optional;
	// the default is 4.
	Parallel int

	units []unit
}

type unit struct {
	table string
	sync  TableFunc
}

// Add adds a table and the function that syncs it. The function also delivers
// the rows of the tables that follow the table, such as the items that are nested
// in an order (see [schema.Table.Following]). If the source has no table of that
// name when the function returns, the table fails.
func (t *Tables) Add(table string, sync TableFunc) { t.units = append(t.units, unit{table, sync}) }

// Sync calls the functions in the order in which they were added, up to Parallel
// at a time, and waits for all of them. It skips a function if the user has
// selected neither its table nor any table that follows it.
//
// If a function returns an error or panics, the others continue. The state of
// its tables stays as it was at their last checkpoint. Sync then returns an
// [*Error] that wraps a [*TablesError].
//
// Once ctx is done, Sync starts no more functions. If a table failed or was
// skipped because of that, Sync returns the cause of ctx.
func (t *Tables) Sync(ctx context.Context, st state.State, out Emitter) error {
	parallel := t.Parallel
	if parallel <= 0 {
		parallel = 4
	}
	failures := make([]error, len(t.units))
	slots := make(chan struct{}, parallel)
	var wait sync.WaitGroup
	count := 0
	for i, u := range t.units {
		if !out.Needed(u.table) {
			continue
		}
		count++
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			failures[i] = context.Cause(ctx)
			continue
		}
		wait.Go(func() {
			defer func() { <-slots }()
			// This error remains if the function calls runtime.Goexit, as
			// t.FailNow does in a test.
			failures[i] = errGoexit
			failures[i] = out.SyncTables(func(own Emitter) error {
				if err := u.sync(ctx, st, own); err != nil {
					return err
				}
				return context.Cause(ctx)
			}, u.table)
		})
	}
	wait.Wait()
	failed := &TablesError{Total: count}
	for i, err := range failures {
		if err != nil {
			failed.Failures = append(failed.Failures, TableFailure{Table: t.units[i].table, Err: err})
		}
	}
	switch {
	case len(failed.Failures) == 0:
		return nil
	case ctx.Err() != nil:
		// Every failure has this cause: report it once.
		return context.Cause(ctx)
	}
	return &Error{Kind: failed.kind(), Err: failed}
}

var errGoexit = errors.New("the sync function called runtime.Goexit")

// A TableFailure is the error of one table.
type TableFailure struct {
	// Table is the name passed to [Tables.Add].
	Table string
	// Err is the reason for the failure.
	Err error
}

// A TablesError reports which tables of a sync failed, and why. An [*Error]
// wraps it. The kind of that Error is Configuration if any table failed with
// that kind, otherwise Defect if any table did, otherwise Transient if any table
// did, otherwise Interrupted.
type TablesError struct {
	// Total is the number of tables that were to be synced. [Tables.Sync] counts
	// a table and its followers as one.
	Total int
	// Failures lists the tables that failed, in the order in which they were
	// added.
	Failures []TableFailure
}

// Error returns a message with the name and the error of every failed table.
func (e *TablesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d tables failed", len(e.Failures), e.Total)
	separator := ": "
	for _, f := range e.Failures {
		fmt.Fprintf(&b, "%s%s: %v", separator, f.Table, f.Err)
		separator = "; "
	}
	return b.String()
}

// Unwrap returns the error of each failed table.
func (e *TablesError) Unwrap() []error {
	all := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		all[i] = f.Err
	}
	return all
}

// kind returns the kind of the failure that a person should act on first.
func (e *TablesError) kind() Kind {
	has := map[Kind]bool{}
	for _, f := range e.Failures {
		has[KindOf(f.Err)] = true
	}
	for _, k := range []Kind{Configuration, Defect, Transient} {
		if has[k] {
			return k
		}
	}
	return Interrupted
}
