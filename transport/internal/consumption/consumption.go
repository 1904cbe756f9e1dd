// Package consumption defers actions until the records of a sequence have been consumed. A
// function that reads a sequence ahead of its consumer, in another goroutine, passes the
// sequence a context from [With]. The sequence passes each action to [After].
package consumption

import (
	"context"
	"sync"
)

// maxPending is the number of actions that are kept. Older ones are dropped, which is safe,
// because an action only saves work for a later sync.
const maxPending = 256

type key struct{}

// Pending holds the actions that wait until a sequence has been consumed.
type Pending struct {
	outer *Pending

	mu      sync.Mutex
	actions []func() error
}

// With returns a context for a sequence that is read ahead of its consumer.
func With(ctx context.Context) (context.Context, *Pending) {
	p := &Pending{outer: from(ctx)}
	return context.WithValue(ctx, key{}, p), p
}

func from(ctx context.Context) *Pending {
	p, _ := ctx.Value(key{}).(*Pending)
	return p
}

// After calls action once the consumer has consumed the records that the sequence with the
// context ctx has yielded so far. Unless the sequence is read ahead, that is at once.
func After(ctx context.Context, action func() error) error {
	if p := from(ctx); p != nil {
		p.add(action)
		return nil
	}
	return action()
}

func (p *Pending) add(action func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.actions) == maxPending {
		p.actions = append(p.actions[:0], p.actions[1:]...)
	}
	p.actions = append(p.actions, action)
}

// Consumed calls the pending actions, or passes them to the enclosing sequence that is
// read ahead. It is called when all records that the sequence has yielded have been
// consumed. It returns the first error of an action.
func (p *Pending) Consumed() error {
	p.mu.Lock()
	actions := p.actions
	p.actions = nil
	p.mu.Unlock()
	for _, action := range actions {
		if p.outer != nil {
			p.outer.add(action)
			continue
		}
		if err := action(); err != nil {
			return err
		}
	}
	return nil
}
