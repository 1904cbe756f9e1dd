package host

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector"
)

// A replacedField is the owner of the new values of a field; see Run.hideOwned.
type replacedField string

// replaceSecret implements connector.ReplaceSecret.
func (r *Run) replaceSecret(field, value string) error {
	r.hideOwned(replacedField(field), value)
	form, err := r.Form()
	if err != nil {
		return err
	}
	if f, ok := form.Lookup(field); !ok || !f.Rotates {
		return fmt.Errorf("replace a secret: the configuration has no field %q that is tagged `jsonschema:\"rotates\"`", field)
	}
	if r.options.replaced == nil {
		return fmt.Errorf("field %s: %w", field, connector.ErrNotReplaced)
	}
	op := &Operation{Kind: OpReplacedSecret, Field: field, Value: connector.Secret(value)}
	for {
		done, err := r.writeReplaced(op)
		if done {
			return err
		}
	}
}

// writeReplaced writes a replaced secret to the running sync, or to the
// destination of ReplacedSecretsTo if no sync is running. It reports false if the
// sync ended in the meantime.
func (r *Run) writeReplaced(op *Operation) (done bool, err error) {
	r.writing <- struct{}{}
	r.mu.Lock()
	s, closed := r.session, r.closed
	r.mu.Unlock()
	if s != nil {
		<-r.writing // the session orders its operations itself
		return s.replaceSecret(op)
	}
	defer func() { <-r.writing }()
	if closed {
		return true, connector.ErrClosed
	}
	return true, r.options.replaced.Write(op)
}

// replaceSecret writes a replaced secret even if other operations are refused,
// because the old value is no longer valid. If the destination of the sync has
// failed, it writes to the destination of ReplacedSecretsTo. It reports false if
// the sync is over.
func (s *session) replaceSecret(op *Operation) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false, nil
	}
	_ = s.writeBatches() // they may fail, which must not lose the secret
	if s.failure != nil {
		return true, s.run.options.replaced.Write(op)
	}
	s.op = *op
	return true, s.force()
}
