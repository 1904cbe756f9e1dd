package hosttest

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A source is the connector that the rules use. Its script defines what it does.
type source struct {
	Account      string           `json:"account" jsonschema:"title=Account"`
	Token        connector.Secret `json:"token" jsonschema:"title=Token"`
	RefreshToken connector.Secret `json:"refresh_token,omitempty" jsonschema:"title=Refresh token,rotates"`
	Region       string           `json:"region" jsonschema:"title=Region,enum=eu,enum=us"`
	PageSize     int              `json:"page_size" jsonschema:"title=Page size,minimum=1,maximum=1000"`
	Archived     bool             `json:"archived" jsonschema:"title=Archived"`

	script *script // shared by all copies
}

// configured is a valid configuration of a source.
const configured = `{"account":"a-1","token":"key-0123456789"}`

func newSource(s *script) *source {
	return &source{Region: "eu", PageSize: 100, script: s}
}

// syncing returns a source with the given tables and the given Sync.
func syncing(tables func() (schema.Schema, error), sync func(context.Context, state.State, connector.Emitter) error) *source {
	return newSource(&script{
		schema: func(context.Context, *source) (schema.Schema, error) { return tables() },
		sync: func(ctx context.Context, _ *source, st state.State, out connector.Emitter) error {
			return sync(ctx, st, out)
		},
	})
}

// A script defines what a source does, and records calls.
type script struct {
	schema   func(context.Context, *source) (schema.Schema, error)
	validate func(*source) error
	test     func(context.Context, *source) error
	sync     func(context.Context, *source, state.State, connector.Emitter) error

	running     atomic.Int32 // number of methods that have not returned
	closed      atomic.Int32 // number of calls of Close
	closedEarly atomic.Bool  // Close was called while another method ran
}

// enter records that a method runs until leave is called.
func (s *source) enter() (leave func()) {
	s.script.running.Add(1)
	return func() { s.script.running.Add(-1) }
}

// Validate implements connector.Validator.
func (s *source) Validate() error {
	if s.script.validate == nil {
		return nil
	}
	return s.script.validate(s)
}

// Schema implements connector.Connector.
func (s *source) Schema(ctx context.Context) (schema.Schema, error) {
	defer s.enter()()
	if s.script.schema == nil {
		return shop()
	}
	return s.script.schema(ctx, s)
}

// Test implements connector.Connector.
func (s *source) Test(ctx context.Context) error {
	defer s.enter()()
	if s.script.test == nil {
		return nil
	}
	return s.script.test(ctx, s)
}

// Sync implements connector.Connector.
func (s *source) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	defer s.enter()()
	if s.script.sync == nil {
		return errors.New("the script has no sync")
	}
	return s.script.sync(ctx, s, st, out)
}

// Close implements io.Closer.
func (s *source) Close() error {
	if s.script.running.Load() > 0 {
		s.script.closedEarly.Store(true)
	}
	s.script.closed.Add(1)
	return nil
}
