package connector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/state"
)

// A TableFunc syncs one table, and the children that come with it. It has the
// shape of a connector's Sync and the same contract, but for these tables: its
// checkpoints save their state alone, and so does its return without error.
type TableFunc func(ctx context.Context, st state.State, out Emitter) error

// Tables syncs a connector's tables side by side, so that one failing leaves
// the others alone:
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
	table    string
	children []string
	sync     TableFunc
}

// Add adds a table and the function that syncs it. The children are further
// tables to which the function delivers rows, such as the items that come
// nested in an order.
func (t *Tables) Add(table string, sync TableFunc, children ...string) {
	t.units = append(t.units, unit{table, children, sync})
}

// Sync calls the functions of the tables that are selected, in the order in
// which they were added and up to Parallel at a time, and waits for all of
// them. A function is left out if neither its table nor a child is selected.
//
// Where one fails or panics, the others go on; the state of its table stays
// where its last checkpoint left it. The error is then a [*TablesError]. Once
// ctx is done no further function is called.
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
		if !u.selected(out) {
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
			// A function may end its goroutine, as t.FailNow does in a test.
			failures[i] = errors.New("the function ended its goroutine")
			failures[i] = u.run(ctx, st, out)
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
		// All of them end so, and nobody wants to read it once for each.
		return context.Cause(ctx)
	}
	return &Error{Kind: failed.kind(), Err: failed}
}

func (u *unit) selected(out Emitter) bool {
	if out.Selected(u.table) {
		return true
	}
	for _, child := range u.children {
		if out.Selected(child) {
			return true
		}
	}
	return false
}

func (u *unit) run(ctx context.Context, st state.State, out Emitter) (err error) {
	parts := append([]string{u.table}, u.children...)
	own := out.Scope(parts...)
	if s, ok := own.(scope); ok {
		s.closed = new(atomic.Bool)
		own = s
		defer func() {
			s.closed.Store(true)
			if err != nil {
				// Whatever Sync makes of the error: nothing later saves more.
				s.session.doc.Hold(parts...)
			}
		}()
	}
	defer func() {
		if v := recover(); v != nil {
			err = caught(Logger(ctx), "the sync of table "+u.table, v)
		}
		if err != nil && ctx.Err() == nil {
			Logger(ctx).Error("table failed", "table", u.table, "error", err)
		}
	}()
	if err := u.sync(ctx, st, own); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return own.finish()
}

// A TableFailure is one table's error.
type TableFailure struct {
	Table string
	Err   error
}

// A TablesError says which of a sync's tables failed, and why. It comes
// within an [*Error], whose kind is Configuration where some table's failure
// is of that kind, else Defect where some one is, else that of all.
type TablesError struct {
	// Total is how many tables were to be synced.
	Total int
	// Failures are those that failed, in the order in which they were added.
	Failures []TableFailure
}

// Error names every table that failed with its error.
func (e *TablesError) Error() string {
	text := fmt.Sprintf("%d of %d tables failed", len(e.Failures), e.Total)
	for i, f := range e.Failures {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		text += fmt.Sprintf("%s%s: %v", separator, f.Table, f.Err)
	}
	return text
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
