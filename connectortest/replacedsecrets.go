package connectortest

import (
	"context"
	"sync"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
)

// A secretStore stores the values of a configuration that the source replaces, such as
// refresh tokens, as a platform does: later runs start with the new values. It is a
// [host.Destination] of replaced secrets and is safe for concurrent use.
type secretStore struct {
	mu     sync.Mutex
	latest map[storedSecret]string
}

// A storedSecret identifies a value by its field and by the value that the connector
// under test has. A copy with another value, such as a wrong one, keeps that value.
type storedSecret struct{ field, value string }

// current returns the connector c with the latest values, and the destination of the
// values that are replaced in a run of it.
func (s *secretStore) current(c connector.Connector) (connector.Connector, host.Destination) {
	s.mu.Lock()
	defer s.mu.Unlock()
	initial := map[string]string{}
	for _, f := range fieldsOf(c) {
		if !f.Rotates {
			continue
		}
		initial[f.name] = f.text(c)
		latest, ok := s.latest[storedSecret{f.name, initial[f.name]}]
		if !ok {
			continue
		}
		for _, value := range []any{connector.Secret(latest), latest} { // the field has one of these types
			if changed, err := f.With(c, value); err == nil {
				c = changed
				break
			}
		}
	}
	return c, host.DestinationFunc(func(op *host.Operation) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.latest == nil {
			s.latest = map[storedSecret]string{}
		}
		s.latest[storedSecret{op.Field, initial[op.Field]}] = op.Value.Reveal()
		return nil
	})
}

// replaced returns the values that the source has replaced, by their fields.
func (s *secretStore) replaced() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := map[string]string{}
	for secret, value := range s.latest {
		values[secret.field] = value
	}
	return values
}

// forget forgets the values, for a new source.
func (s *secretStore) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest = nil
}

// A storedRun is a run of a connector that has the latest values of its configuration.
type storedRun struct {
	*host.Run
	secrets host.Destination
}

// Sync runs a sync. It stores replaced secrets and passes all other operations on.
func (r storedRun) Sync(request host.SyncRequest, dst host.Destination) error {
	return r.Run.Sync(request, host.DestinationFunc(func(op *host.Operation) error {
		if op.Kind == host.OpReplacedSecret {
			return r.secrets.Write(op)
		}
		return dst.Write(op)
	}))
}

// withRun calls f with a run of a copy of the connector, whose fields are its
// configuration, and closes the run. The values that the source has replaced since the
// store was made take the place of those in the fields.
func (s *secretStore) withRun(ctx context.Context, c connector.Connector, f func(storedRun) error, opts ...host.Option) error {
	c, secrets := s.current(c)
	run := host.New(ctx, c, append([]host.Option{host.ReplacedSecretsTo(secrets)}, opts...)...)
	if err := run.Configure(nil); err != nil {
		_ = run.Close() // nothing was opened
		return err
	}
	if err := f(storedRun{run, secrets}); err != nil {
		_ = run.Close() // the first error says more
		return err
	}
	return run.Close()
}
