package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/connector/internal/goroutines"
	"github.com/penstock-sdk/penstock/connector/internal/services"
	"github.com/penstock-sdk/penstock/internal/runcredential"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// testLimit bounds a test of the connection. A person waits for its result.
const testLimit = 20 * time.Second

// A Run uses a connector for one request from a platform. It calls the methods
// of the connector and holds the configuration, the schema, the log and the
// secrets that the methods share.
//
//	run := host.New(ctx, c)
//	defer run.Close()
//	err := run.Configure(configuration)
//	…
//	err = run.Sync(host.SyncRequest{State: lastState}, destination)
//
// Every error that a method of Run returns is a [*connector.Error] without
// secrets. Its kind determines how the platform should treat it. errors.Is
// matches every target that the original error matches. errors.As finds only the
// error types of this module, and returns copies without secrets.
//
// A Run is not safe for concurrent use. Call Close to end it.
type Run struct {
	connector connector.Connector // whose methods are called
	options   *options
	redactor  *redactor
	log       *slog.Logger
	ctx       context.Context
	cancel    context.CancelCauseFunc

	form       func() (*config.Form, error)
	configErr  error // of Configure: the configuration is not valid
	opened     bool
	schema     schema.Schema
	abandoned  error // names the method that did not return in time
	stuck      bool  // the destination of the last Sync blocked until the end
	unreported error // see Unreported
	early      bool  // see EndedEarly

	hidMany   atomic.Bool // the connector has hidden more values than the run keeps
	ownedMany atomic.Bool // it has obtained more tokens than the run keeps

	goroutines *goroutines.Set // that the connector has started with connector.Go
	started    *goroutines.Set // those that the last Sync has started

	writing chan struct{} // holds a token while a secret is written outside a sync

	mu        sync.Mutex // guards the fields below; locked after session.mu
	session   *session   // of the running sync, or nil
	closed    bool
	delivered []func(state.State) // see connector.OnDelivered
}

// New returns a run that uses the connector c. The fields of c hold the defaults
// of the configuration. [Run.Configure] replaces c with a copy and does not
// change c. If Configure is not called, the run calls the methods of c itself,
// and the fields of c are the configuration.
//
// Once ctx is done, so are the contexts of running methods.
func New(ctx context.Context, c connector.Connector, opts ...Option) *Run {
	return newRun(ctx, c, newOptions(opts))
}

func newRun(ctx context.Context, c connector.Connector, o *options) *Run {
	r := &Run{connector: c, options: o, redactor: cmp.Or(o.redactor, new(redactor)), writing: make(chan struct{}, 1)}
	h := o.handler
	if h == nil {
		h = slog.Default().Handler()
	}
	r.log = slog.New(redactingHandler{h, r.redactor})
	ctx = services.With(ctx, &services.Services{
		Log:           r.log,
		Hide:          r.hide,
		ReplaceSecret: r.replaceSecret,
		OnDelivered:   r.onDelivered,
		WarnOfFailure: func(string) {},
	})
	ctx = runcredential.With(ctx, r.hideOwned)
	ctx, r.goroutines = goroutines.With(ctx)
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.redactor.add(config.Secrets(c))
	r.form = sync.OnceValues(func() (*config.Form, error) {
		form, err := config.FormOf(c)
		if err != nil {
			return nil, r.fail(err)
		}
		return form, nil
	})
	return r
}

// Form returns the fields of the configuration as data. The defaults are the
// values in the connector that was passed to [New]. If a field has a type that
// cannot be configured, the error names the field.
func (r *Run) Form() (*config.Form, error) { return r.form() }

// Configure makes a copy of the connector, fills it from a JSON object and
// validates it. Package config documents which objects are valid. From then on,
// the run calls the methods of the copy. A member of the object that matches no
// field is ignored, because many platforms add such members. The log names it.
//
// The error lists all invalid fields and contains no values. A host may continue
// after an error: Test and Sync then return the same error, and Schema still
// works for connectors whose schema does not depend on the configuration. It is
// an error to call Configure after the connector has been opened.
func (r *Run) Configure(configuration []byte) error {
	if r.opened {
		return r.fail(errors.New("configure: the connector has already been opened"))
	}
	keys, secrets := keysIn(configuration)
	r.redactor.pasted.set(keys)
	r.redactor.add(secrets)
	form, err := r.Form()
	if err != nil {
		r.configErr = err
		return err
	}
	fresh, unknown, err := form.Decode(configuration)
	r.connector = fresh
	r.redactor.add(form.Secrets(fresh)) // before an error can contain one
	for _, name := range unknown {
		r.log.Warn("ignoring an unknown field of the configuration", "field", name)
	}
	r.configErr = nil
	if err != nil {
		var panicked interface{ Stack() string } // see config.Form.Decode
		if errors.As(err, &panicked) {
			r.log.Error(err.Error(), "stack", panicked.Stack())
		}
		r.configErr = r.fail(err)
	}
	return r.configErr
}

// Schema returns the tables of the source. The first successful call stores the
// tables. Sync uses them, and later calls return them without calling the
// connector.
//
// If the configuration is not valid, Schema calls the connector's Schema without
// opening the connector, and does not store the tables. If that fails, it
// returns the error of the configuration, and before it the error of a declaration that is
// not valid ([schema.ErrInvalid]).
//
// If the name of a table or of a column contains a secret of at least eight bytes, the
// error is of kind Defect and gives the position of the table and the column.
func (r *Run) Schema() (schema.Schema, error) {
	if r.schema != nil {
		return r.schema, nil
	}
	if r.configErr == nil {
		if err := r.open(r.ctx); err != nil {
			return nil, r.fail(err)
		}
	}
	tables, err := r.discover()
	switch {
	case errors.Is(err, schema.ErrInvalid) && r.configErr != nil: // a tag or a name, which may depend on the configuration
		return nil, r.fail(fmt.Errorf("%w; also, the configuration is not valid: %w", err, r.configErr))
	case err != nil && r.configErr != nil:
		return nil, r.configErr // the likely cause of err
	case err != nil:
		return nil, r.fail(err)
	}
	if r.configErr == nil {
		r.schema = tables
	}
	return tables, nil
}

func (r *Run) discover() (tables schema.Schema, err error) {
	ctx, started := goroutines.With(r.ctx)
	err = r.call(ctx, "Schema", func() error {
		found, err := r.connector.Schema(ctx)
		if err == nil && found != nil {
			_ = found.Tables() // a schema that the author implements may panic
		}
		tables = found
		return err
	})
	err = withDefect(err, unwaited(ctx, started, "Schema"))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the schema: %w", err)
	case tables == nil:
		return nil, errors.New("the connector returned no schema")
	}
	if err := r.checkNames(tables); err != nil {
		return nil, err
	}
	return tables, nil
}

// Test reports whether the source can be reached with the configuration. After
// 20 seconds it ends the context of the connector's Test and returns an error
// of kind Transient, which contains the last failure if there was one. If the connector
// does not return within the time that [Grace] sets, its method is abandoned, and the run
// can no longer be used.
//
// If the source cannot be reached at all, the error is of kind Configuration, because its
// address is probably wrong. This applies to an error that has a method Unreachable() bool
// that returns true, as those of package transport have, and to a failure to connect (a
// *net.OpError). If Test returns a [*connector.Error], its kind is kept.
func (r *Run) Test() error {
	if r.configErr != nil {
		return r.configErr
	}
	timeout := connector.Errorf(connector.Transient, "the source did not respond within %v", testLimit)
	ctx, stop := context.WithTimeoutCause(r.ctx, testLimit, timeout)
	defer stop()
	err := r.open(ctx)
	if err == nil {
		ctx, started := goroutines.With(ctx)
		err = r.call(ctx, "Test", func() error { return r.connector.Test(ctx) })
		err = withDefect(err, unwaited(ctx, started, "Test"))
	}
	stopped := r.ctx.Err() != nil && !errors.Is(context.Cause(r.ctx), timeout) // not by this test
	wrongAddress := !stopped && unreachable(err, timeout)
	switch {
	case r.ctx.Err() != nil && !errors.Is(err, context.Cause(r.ctx)):
		err = errors.Join(context.Cause(r.ctx), err)
	case r.ctx.Err() != nil:
	case err != nil && ctx.Err() != nil && !errors.Is(err, timeout):
		err = errors.Join(timeout, err)
	}
	if wrongAddress {
		err = &connector.Error{Kind: connector.Configuration, Err: err, Hint: "check the address, and that the source is running"}
	}
	if err != nil {
		return r.fail(err)
	}
	return nil
}

// unreachable reports whether err says that the source could not be reached. It reports
// false if the author has chosen the kind: err is a *connector.Error other than timeout.
func unreachable(err, timeout error) bool {
	if e, ok := errors.AsType[*connector.Error](err); ok && error(e) != timeout {
		return false
	}
	var u interface{ Unreachable() bool }
	if errors.As(err, &u) {
		return u.Unreachable()
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// JoinState joins the parts of a state that a platform stores by table into the
// state for a [SyncRequest]. A part is the State of a [StatePart]. The parts may
// be in any order and may come from different versions of the connector. Older
// parts are migrated as connector.StateMigrator describes. Parts that are empty,
// null or {} add nothing. If nothing remains, the result is nil, which means a
// first sync.
//
// The parts of different tables may be from different checkpoints and from different
// syncs, and the part of a table may be missing. If the platform has followed the rules
// of [StatePart], no row is lost: a sync that starts from the joined state and succeeds
// delivers the rows that are missing, and possibly others again.
//
// Omit the part of a table that the source no longer has under that name. If the
// table or its schema was renamed, its state has moved to the new name, and
// passing both parts is an error.
func (r *Run) JoinState(parts ...[]byte) ([]byte, error) {
	var joined []byte
	err := guard(r.log, "a migration of the state", func() (err error) {
		joined, err = state.Join(parts, r.migrations()...)
		return err
	})
	if err != nil {
		return nil, r.fail(err)
	}
	return joined, nil
}

func (r *Run) migrations() []state.Migration {
	if m, ok := r.connector.(connector.StateMigrator); ok {
		return m.StateMigrations()
	}
	return nil
}

// Explain returns a one-line description of an error for the person who runs the
// connector. It ends with what to do and contains no secrets. Explain returns ""
// for a nil error.
func (r *Run) Explain(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(r.redactor.text(err.Error()+advice(err)), "\n", "; ")
}

// Redact returns text with all secrets that the run knows masked.
func (r *Run) Redact(text string) string { return r.redactor.text(text) }

// Close ends the run. If the connector has been opened and none of its methods
// was abandoned, it calls the connector's Close and returns its error. Further
// calls do nothing.
//
// Close waits for the goroutines that the connector has started with connector.Go. It
// waits for the goroutines of Sync before it calls the connector's Close, and for the
// others after that. It waits no longer than the period that [Grace] sets. If a
// goroutine of Sync does not end, Close does not call the connector's Close. If any
// goroutine does not end, Close returns an error.
func (r *Run) Close() error {
	defer r.cancel(context.Canceled)
	r.mu.Lock()
	again := r.closed
	r.closed = true
	r.mu.Unlock()
	if again || r.abandoned != nil {
		return nil
	}
	defer func() { r.opened = false }()
	if r.started != nil && !r.haveEnded(r.started) {
		return r.leftGoroutine()
	}
	if c, ok := r.connector.(io.Closer); ok && r.opened {
		if err := r.call(r.ctx, "Close", c.Close); err != nil {
			return r.fail(fmt.Errorf("close: %w", err))
		}
	}
	r.cancel(context.Canceled)
	if !r.haveEnded(r.goroutines) {
		return r.leftGoroutine()
	}
	return nil
}

// haveEnded waits for goroutines whose contexts are done. It reports whether all of
// them have ended within the grace period. If the destination is stuck, it does not
// wait: the goroutines may be waiting for it, and the deadline is near.
func (r *Run) haveEnded(started *goroutines.Set) bool {
	grace := r.options.grace
	if r.stuck {
		grace = 0
	}
	return closedWithin(grace, started.Idle())
}

// leftGoroutine returns the error of Close if a goroutine has not ended. If the
// destination was stuck, the error of Sync says so, and the goroutine may be waiting
// for it.
func (r *Run) leftGoroutine() error {
	if r.stuck {
		return nil
	}
	err := connector.Errorf(connector.Defect,
		"a goroutine that the connector has started with connector.Go did not return within %v after its context was done; it must return when its context is done", r.options.grace)
	r.log.Error(err.Error())
	return r.fail(err)
}

// Classify converts an error of the host into a [*connector.Error] without
// secrets, like those that the run itself returns. If errors.Join has joined a single
// error, the result is that error. Classify returns nil for a nil error.
func (r *Run) Classify(err error) error {
	if err == nil {
		return nil
	}
	if join, ok := err.(interface{ Unwrap() []error }); ok && len(join.Unwrap()) == 1 {
		err = join.Unwrap()[0]
	}
	return r.fail(err)
}

// Log returns the log of the run. The log masks secrets.
func (r *Run) Log() *slog.Logger { return r.log }

// Grace returns the grace period, which the option [Grace] sets. A host waits
// that long for its platform after the run has been told to end.
func (r *Run) Grace() time.Duration { return r.options.grace }
