package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/penstock-sdk/penstock/state"
)

// A TableFunc syncs one table, and the children that come with it. It has the
// signature of a connector's Sync and the same contract, limited to these
// tables: its checkpoints save their state only, and so does returning nil.
type TableFunc func(ctx context.Context, st state.State, out Emitter) error

// Tables syncs a connector's tables side by side, so that one that fails does
// not stop the others:
//
//	var tables connector.Tables
//	tables.Add("customers", c.syncCustomers)
//	tables.Add("orders", c.syncOrders, "order_items")
//	return tables.Sync(ctx, st, out)
//
// The zero value is ready to use.
type Tables struct {
	// Parallel is how many tables are synced at the same time. Optional: the
	// default is 4.
	Parallel int

	units []unit
}

type unit struct {
	tables []string // the table, then its children
	sync   TableFunc
}

// Add adds a table and the function that syncs it. The children are further
// tables to which the function delivers rows, such as the items nested in an
// order.
func (t *Tables) Add(table string, sync TableFunc, children ...string) {
	t.units = append(t.units, unit{append([]string{table}, children...), sync})
}

// Sync calls the functions of the tables that are selected, in the order in
// which they were added and up to Parallel at a time, and waits for all of
// them. A function is left out if neither its table nor a child is selected.
//
// When one fails or panics, the others continue, and the state of its table
// stays where its last checkpoint left it. The error is then an [*Error] that
// wraps a [*TablesError]. Once ctx is done no further function is called.
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
		if !slices.ContainsFunc(u.tables, out.Selected) {
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
			// The function may end its goroutine, as t.FailNow does in a test.
			failures[i] = errGoexit
			failures[i] = out.SyncTables(func(own Emitter) error {
				if err := u.sync(ctx, st, own); err != nil {
					return err
				}
				return context.Cause(ctx)
			}, u.tables...)
		})
	}
	wait.Wait()
	failed := &TablesError{Total: count}
	for i, err := range failures {
		if err != nil {
			failed.Failures = append(failed.Failures, TableFailure{Table: t.units[i].tables[0], Err: err})
		}
	}
	switch {
	case len(failed.Failures) == 0:
		return nil
	case ctx.Err() != nil:
		// All of them end with this error: one is enough.
		return context.Cause(ctx)
	}
	return &Error{Kind: failed.kind(), Err: failed}
}

var errGoexit = errors.New("the sync function called runtime.Goexit")

// A TableFailure is the error of one table.
type TableFailure struct {
	// Table is the name that [Tables.Add] was given.
	Table string
	// Err is why it failed.
	Err error
}

// A TablesError says which of a sync's tables failed, and why. It is wrapped by
// an [*Error]. Its kind is Configuration if any table failed with that kind,
// otherwise Defect if any did, otherwise the kind they share.
type TablesError struct {
	// Total is the number of tables that were to be synced.
	Total int
	// Failures are the tables that failed, in the order in which they were added.
	Failures []TableFailure
}

// Error names every table that failed, with its error.
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

// Unwrap returns the errors of the tables.
func (e *TablesError) Unwrap() []error {
	all := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		all[i] = f.Err
	}
	return all
}

// kind returns the kind that wants a person's attention first.
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
