package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector/internal/goroutines"
	"github.com/penstock-sdk/penstock/connector/internal/services"
	"github.com/penstock-sdk/penstock/state"
)

// patience is how long a function waits for a slot before the user is warned.
const patience = 5 * time.Minute

// A tablesRun is one call of [Tables.Sync].
type tablesRun struct {
	tables   *Tables
	st       state.State
	out      Emitter
	failures []error // by unit
	slots    chan struct{}
	warned   bool         // about functions that wait for a slot
	endless  atomic.Int64 // running endless functions
	wait     sync.WaitGroup
}

// start calls the function of a unit in a goroutine. A function that is not endless
// first waits for a slot.
func (r *tablesRun) start(ctx context.Context, i int) {
	u := &r.tables.units[i]
	if !u.endless {
		r.acquire(ctx, i)
	}
	if ctx.Err() != nil {
		r.failures[i] = context.Cause(ctx)
		return
	}
	if u.endless {
		r.endless.Add(1)
	}
	r.wait.Go(func() {
		// This error remains if the function calls runtime.Goexit, as t.FailNow
		// does in a test.
		r.failures[i] = errGoexit
		defer r.end(ctx, i)
		r.failures[i] = r.call(ctx, u)
	})
}

var errGoexit = errors.New("the sync function called runtime.Goexit")

// acquire waits for a slot. If none becomes free for a long time, it warns the user.
func (r *tablesRun) acquire(ctx context.Context, i int) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case r.slots <- struct{}{}:
			return
		case <-ctx.Done():
			return
		case <-timer.C:
			r.warnOfWaiting(i)
		}
	}
}

// warnOfWaiting warns the user, once, about the functions from unit i on, which wait
// for a slot.
func (r *tablesRun) warnOfWaiting(i int) {
	if r.warned {
		return
	}
	r.warned = true
	const most = 100 // a source may have thousands of tables
	var waiting []string
	count := 0
	for _, u := range r.tables.units[i:] {
		if !u.endless && r.out.Selected(u.table) {
			if count++; count <= most {
				waiting = append(waiting, u.table)
			}
		}
	}
	names := strings.Join(waiting, ", ")
	if count > most {
		names += fmt.Sprintf(" and %d more", count-most)
	}
	// If the warning is refused, so are the operations of the functions.
	_ = r.out.Warn(fmt.Sprintf("no table has been read to the end for %v, and these tables wait for one of the %d that are being read: %s; "+
		"if those never end, the connector must add them with connector.Tables.AddEndless or set connector.Tables.Parallel to a larger number",
		patience, cap(r.slots), names))
}

// call calls the function of a unit.
func (r *tablesRun) call(ctx context.Context, u *unit) error {
	return r.out.SyncTables(func(own Emitter) error {
		ctx, started := goroutines.With(ctx)
		err := u.sync(ctx, r.st, own)
		if ctx.Err() != nil {
			if err != nil {
				return err
			}
			return context.Cause(ctx)
		}
		return unwaited(started, "the sync function", err)
	}, u.table)
}

// unwaited returns err, which a function has returned. If the function has not waited
// for a goroutine that it started with [Go], unwaited adds an error that says so.
func unwaited(started *goroutines.Set, function string, err error) error {
	running, lost := started.Unwaited()
	if running {
		lost = Errorf(Defect, goroutines.NotWaited, function)
	}
	switch {
	case lost == nil || errors.Is(err, lost):
		return err
	case err == nil:
		return lost
	case KindOf(err) == Configuration: // the user can fix this
		return errors.Join(err, lost)
	}
	return errors.Join(lost, err)
}

// end records that the function of a unit has ended. While endless functions are
// running, the sync does not end, so end reports a failure to the user at once.
func (r *tablesRun) end(ctx context.Context, i int) {
	othersEndless := r.endless.Load()
	if r.tables.units[i].endless {
		othersEndless = r.endless.Add(-1)
	} else {
		defer func() { <-r.slots }()
	}
	if r.failures[i] == nil || othersEndless == 0 || ctx.Err() != nil {
		return
	}
	if s := services.From(ctx); s != nil {
		s.WarnOfFailure(r.tables.units[i].table)
	}
}
