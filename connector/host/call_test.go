package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// The methods of a careless error panic for a nil pointer.
type careless struct{ text string }

func (e *careless) Error() string { return e.text }

func TestANilPointerReturnedAsAnErrorIsADefect(t *testing.T) {
	for name, err := range map[string]error{
		"a type of the module":         (*connector.Error)(nil),
		"a type of the author":         (*careless)(nil),
		"a wrapped type of the module": fmt.Errorf("sync: %w", (*connector.Error)(nil)),
		"a wrapped type of the author": fmt.Errorf("sync: %w", (*careless)(nil)),
		"joined":                       errors.Join((*careless)(nil), (*connector.Error)(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			c := &fixture.Shop{
				OnTest: func(context.Context) error { return err },
				OnSync: func(ctx context.Context, st state.State, out connector.Emitter) error {
					var tables connector.Tables
					tables.Add("orders", func(context.Context, state.State, connector.Emitter) error { return err })
					return errors.Join(tables.Sync(ctx, st, out), err)
				},
			}
			run := host.New(t.Context(), c, fixture.Quiet)
			defer run.Close()
			assert.Equal(t, connector.Defect, connector.KindOf(run.Test()))
			assert.Equal(t, connector.Defect, connector.KindOf(run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard))))
		})
	}
}

// A panicking connector panics in a migration and in the methods of its schema.
type panicking struct{ fixture.Shop }

func (*panicking) StateMigrations() []state.Migration {
	return []state.Migration{func(map[string]json.RawMessage) error { panic("index out of range") }}
}

func (*panicking) Schema(context.Context) (schema.Schema, error) {
	return (*nilSchema)(nil), nil
}

type nilSchema struct{ tables []*schema.Table }

func (s *nilSchema) Tables() []*schema.Table { return s.tables }

func (s *nilSchema) Table(string) (*schema.Table, bool) { return nil, false }

func TestAPanicAnywhereInTheConnectorIsAnError(t *testing.T) {
	run := host.New(t.Context(), &panicking{}, fixture.Quiet)
	defer run.Close()
	_, err := run.Schema()
	require.ErrorContains(t, err, "panic in Schema")
	_, err = run.JoinState([]byte(`{"a":{"n":1}}`), []byte(`{"b":{"n":1},"_version":1}`))
	require.ErrorContains(t, err, "panic in a migration of the state: index out of range")
}

func TestASyncThatReturnsOnlyItsCancellationReportsTheCause(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &fixture.Shop{OnSync: func(ctx context.Context, _ state.State, _ connector.Emitter) error {
		cancel(connector.Errorf(connector.Interrupted, "interrupted by signal terminated"))
		<-ctx.Done()
		return fmt.Errorf("GET /orders: %w", ctx.Err())
	}}
	run := host.New(ctx, c, fixture.Quiet)
	defer run.Close()
	err := run.Sync(host.SyncRequest{}, host.DestinationFunc(fixture.Discard))
	assert.EqualError(t, err, "interrupted by signal terminated")
}

// The Validate method of a validating connector panics with a secret.
type validating struct{ fixture.Shop }

func (v *validating) Validate() error { panic("bad " + v.APIKey.Reveal()) }

func TestAPanicInValidateIsAnErrorWithoutSecrets(t *testing.T) {
	var log bytes.Buffer
	run := host.New(t.Context(), &validating{}, host.LogTo(slog.NewTextHandler(&log, nil)))
	defer run.Close()
	err := run.Configure([]byte(`{"api_key":"key-0123456789"}`))
	require.EqualError(t, err, "panic in Validate: bad [redacted]")
	assert.Equal(t, connector.Defect, connector.KindOf(err))
	assert.Contains(t, log.String(), "call_test.go", "the stack is in the log")
	assert.NotContains(t, log.String(), "0123456789")
}
