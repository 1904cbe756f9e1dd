package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host/config"
	"github.com/penstock-sdk/penstock/connector/internal/services"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// testLimit is how long a test of the connection may take. Platforms wait for
// it with a person in front of them.
const testLimit = 20 * time.Second

// A Run is a connector at work for one platform's request, with everything
// around its methods: the configuration, Open and Close, panics turned into
// errors, a limit for methods that do not end, a log, and no secret in anything
// that comes out.
//
//	run := host.New(ctx, c)
//	defer run.Close()
//	unknown, err := run.Configure(configuration)
//	…
//	err = run.Sync(host.SyncRequest{State: lastState}, destination)
//
// Every error of a Run is a [*connector.Error], whose kind is what platforms
// act on. It is free of secrets: errors.Is finds kinds, sentinels and whatever
// else the original error is, but errors.As finds only the error types of this
// module, as copies without secrets.
//
// A Run is for one goroutine, and its methods for one call at a time. It does
// not end before Close is called.
type Run struct {
	connector connector.Connector // what the methods are called on
	options   *options
	redactor  *redactor
	log       *slog.Logger
	ctx       context.Context
	cancel    context.CancelCauseFunc

	form      func() (*config.Form, error)
	configErr error // what is wrong with the configuration
	opened    bool
	schema    schema.Schema
	abandoned error // the method that did not return in time
	rest      error // of the last sync's error, which no table's end has told

	writing chan struct{} // is full while a secret is replaced outside of a sync
	mu      sync.Mutex    // guards what follows
	session *session      // of the sync that is running
	closed  bool
}

// New returns a run of the connector, whose fields hold the defaults. It leaves
// c alone if Configure is called; without Configure, the methods of c itself
// are called, and its fields are the configuration. When ctx is done, methods
// that are running are told to end.
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
		Hide:          func(values ...string) { r.redactor.add(values) },
		ReplaceSecret: r.replaceSecret,
	})
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

// Form returns the configuration of the connector as data: its fields, with
// what the connector that New was given holds as defaults. The error names a
// field that cannot be configured.
func (r *Run) Form() (*config.Form, error) { return r.form() }

// Configure makes a fresh copy of the connector, fills it from a JSON object,
// and validates it; see package config for what is accepted. Its secrets are
// known to the redactor before anything can go wrong with them. It returns the
// names in the object that no field has, which platforms tend to add.
//
// The error lists everything that is wrong, field by field, and holds no value.
// A host may go on with it: Schema works without a valid configuration wherever
// the connector's schema needs none, and Test and Sync return the error.
func (r *Run) Configure(configuration []byte) (unknown []string, err error) {
	if r.opened {
		return nil, r.fail(errors.New("configure: the connector is open already"))
	}
	form, err := r.Form()
	if err != nil {
		r.configErr = err
		return nil, err
	}
	fresh, unknown, err := form.Decode(configuration)
	r.connector = fresh
	r.redactor.add(config.Secrets(fresh))
	r.configErr = nil
	if err != nil {
		var panicked interface{ Stack() string } // see config.Form.Decode
		if errors.As(err, &panicked) {
			r.log.Error(err.Error(), "stack", panicked.Stack())
		}
		r.configErr = r.fail(err)
	}
	return unknown, r.configErr
}

// Schema returns the tables of the source. The connector is asked once in a run:
// Sync uses the same tables, and further calls return them. Without a valid configuration the
// connector is asked all the same, before it is opened; if it fails then, the
// error is that of the configuration.
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
	case err != nil && r.configErr != nil:
		return nil, r.configErr // which came first, whatever the connector says
	case err != nil:
		return nil, r.fail(err)
	}
	if r.configErr == nil {
		r.schema = tables
	}
	return tables, nil
}

func (r *Run) discover() (tables schema.Schema, err error) {
	err = r.call(r.ctx, "Schema", func() error {
		found, err := r.connector.Schema(r.ctx)
		if err == nil && found != nil {
			_ = found.Tables() // a schema of the author's own may panic
		}
		tables = found
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the schema: %w", err)
	case tables == nil:
		return nil, errors.New("the connector returned no schema")
	}
	return tables, nil
}

// Test reports whether the source can be reached with the configuration. It
// takes 20 seconds at most, however long the source or the connector take:
// then the error is of kind Transient, and the run is of no further use if the
// connector does not return.
func (r *Run) Test() error {
	if r.configErr != nil {
		return r.configErr
	}
	timeout := connector.Errorf(connector.Transient, "the source did not answer within %v", testLimit)
	ctx, stop := context.WithTimeoutCause(r.ctx, testLimit, timeout)
	defer stop()
	err := r.open(ctx)
	if err == nil {
		err = r.call(ctx, "Test", func() error { return r.connector.Test(ctx) })
	}
	switch {
	case r.ctx.Err() != nil && !errors.Is(err, context.Cause(r.ctx)):
		err = errors.Join(context.Cause(r.ctx), err)
	case r.ctx.Err() != nil:
	case err != nil && ctx.Err() != nil && !errors.Is(err, timeout):
		err = errors.Join(timeout, err)
	}
	if err != nil {
		return r.fail(err)
	}
	return nil
}

// JoinState makes one state of the parts that a platform keeps by table, for
// [SyncRequest]: of the State of each [StatePart], in any order. They may come
// from different versions of the connector: older ones are migrated, as
// connector.StateMigrator describes. Parts that are empty, null or {} add
// nothing. The result is nil if nothing remains: a first sync.
//
// Leave out the part of a table that the source has no longer under that name:
// if it was renamed, or its schema was, its state went to the new name, and the
// error says that a part comes twice.
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

// Explain returns what a person who runs the connector should read about an
// error: one sentence that ends in what to do, without secrets.
func (r *Run) Explain(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(r.redactor.text(err.Error()+advice(err)), "\n", "; ")
}

// Redact returns text without the secrets that the run knows.
func (r *Run) Redact(text string) string { return r.redactor.text(text) }

// Close ends the run: it closes the connector, if it was opened and none of its
// methods was abandoned, and returns what that failed with. Further calls do
// nothing.
func (r *Run) Close() error {
	defer r.cancel(context.Canceled)
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	if !r.opened || r.abandoned != nil {
		return nil
	}
	r.opened = false
	c, ok := r.connector.(io.Closer)
	if !ok {
		return nil
	}
	if err := r.call(r.ctx, "Close", c.Close); err != nil {
		return r.fail(fmt.Errorf("close: %w", err))
	}
	return nil
}

// Classify returns an error of the host's own as those of a Run are: a
// [*connector.Error], without secrets. It returns nil for nil.
func (r *Run) Classify(err error) error {
	if err == nil {
		return nil
	}
	return r.fail(err)
}

// Log returns the log of the run, which removes secrets.
func (r *Run) Log() *slog.Logger { return r.log }

// Grace returns how long a host whose run was told to end waits for its
// platform; see [Grace].
func (r *Run) Grace() time.Duration { return r.options.grace }
