package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A SyncRequest says what a sync begins with.
type SyncRequest struct {
	// State is the state that the last sync left: the State of its last
	// checkpoint. Optional: none, null and {} mean a first sync.
	State []byte
	// Selection says what of the source is wanted. Optional: the zero value
	// wants everything.
	Selection Selection
}

// Sync runs one sync of a configured connector and hands its operations to
// dst. It is what [Run] does for a request of that kind, without the
// protocol: for tests, and for hosts with a wire of their own. The
// connector's fields are taken as they are; [Configure] fills them from
// secrets.
//
// The last operation of a sync that succeeds is a checkpoint. One that fails
// has a last checkpoint, too, with what was saved up to there, unless it failed
// before it began. The error is an [*Error].
//
// Sync returns when the connector's Sync has returned; when ctx is done it
// waits for that no longer than [Grace].
func Sync(ctx context.Context, c Connector, req SyncRequest, dst Destination, opts ...Option) error {
	r := newRun(ctx, c, newOptions(opts))
	defer r.stop()
	if err := r.open(func() error { return r.sync(req, dst) }); err != nil {
		return r.fail(err)
	}
	return nil
}

// sync does the work of Sync once the connector is open.
func (r *run) sync(req SyncRequest, dst Destination) error {
	var tables schema.Schema
	if err := r.call("Schema", func() (err error) { tables, err = r.connector.Schema(r.ctx); return err }); err != nil {
		return fmt.Errorf("read the schema: %w", err)
	}
	if tables == nil {
		return errors.New("the connector returned no schema")
	}
	var migrations []state.Migration
	if m, ok := r.connector.(StateMigrator); ok {
		migrations = m.StateMigrations()
	}
	doc, err := state.Parse(req.State, migrations...)
	if err != nil {
		return err
	}
	s := newSession(r, doc, req.Selection, dst)
	defer s.end()
	if err := s.declareAll(tables); err != nil {
		return err
	}
	began := time.Now()
	err = r.call("Sync", func() error { return r.connector.Sync(r.ctx, doc, scope{session: s}) })
	if err == nil {
		// A sync that was told to stop may have returned nil half-way.
		err = context.Cause(r.ctx)
	}
	if !s.close() {
		return errors.Join(err, Errorf(Interrupted, "deliver: %w", errStuck))
	}
	if err == nil {
		err = s.finish()
	}
	err = errors.Join(err, s.lastWords(err == nil))
	s.summary(began)
	return err
}
