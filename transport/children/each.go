package children

import (
	"context"
	"iter"
	"sync"

	"github.com/penstock-sdk/penstock/transport/internal/consumption"
	"github.com/penstock-sdk/penstock/transport/internal/ctxwait"
	"github.com/penstock-sdk/penstock/transport/internal/panics"
)

// buffer is the number of children of a parent that are read ahead of the consumer.
const buffer = 64

// Each reads the children of each parent and yields them parent by parent, in the
// order of the parents. It calls read for up to n parents at a time. The order
// does not depend on which read finishes first, so the same source yields the same
// sequence. A read that is ahead of the consumer waits; memory is bounded by n, not
// by the number of children.
//
// The first error of parents or of read, in the order of the parents, is yielded
// last, after the children before it. The contexts of the other reads are then
// canceled. The same happens if the caller leaves the loop. In both cases, the loop
// ends after all calls of read have returned.
//
// If n is less than 2, Each starts no goroutines. Otherwise read is called from
// several goroutines, and parents is consumed by a goroutine that is not the
// caller's. A panic of either is repeated in the caller's goroutine.
//
// The requests of read may have transport.Request.Validators if read passes its context to
// them. Their validators are then stored once the children have been consumed. If n is 2 or
// more, the request for the parents must not have Validators, because the parents are
// consumed before their children.
//
// Each does not yield the parents, so read must set the parent's key in the children
// if they need it. To receive each parent with all of its children, use [Families].
func Each[P, C any](ctx context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error]) iter.Seq2[C, error] {
	if n < 2 {
		return func(yield func(C, error) bool) { eachSequential(ctx, parents, read, yield) }
	}
	return func(yield func(C, error) bool) { eachParallel(ctx, parents, n, read, yield) }
}

func eachSequential[P, C any](ctx context.Context, parents iter.Seq2[P, error], read func(context.Context, P) iter.Seq2[C, error], yield func(C, error) bool) {
	var zero C
	for p, err := range parents {
		if err != nil {
			yield(zero, err)
			return
		}
		for c, err := range read(ctx, p) {
			if err != nil {
				c = zero
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

func eachParallel[P, C any](outer context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error], yield func(C, error) bool) {
	ctx, cancel := context.WithCancel(outer)
	r := &reader[P, C]{ctx: ctx, read: read, streams: make(chan *stream[C], n), slots: make(chan struct{}, n)}
	defer r.wg.Wait()
	defer cancel()
	r.wg.Go(func() { r.readAll(parents) })

	var zero C
	for s := range r.streams {
		for c := range s.children {
			if !yield(c, nil) {
				return
			}
		}
		s.panicked.Repeat()
		if err := s.pending.Consumed(); err != nil {
			s.err = err
		}
		if s.err != nil {
			yield(zero, s.err)
			return
		}
		<-r.slots
	}
	if outer.Err() != nil {
		yield(zero, ctxwait.Cause(outer))
	}
}

// A reader reads the children of several parents at a time.
type reader[P, C any] struct {
	ctx  context.Context
	read func(context.Context, P) iter.Seq2[C, error]
	wg   sync.WaitGroup

	// streams are in the order of the parents. A stream holds a slot from the
	// start of its reading until it is consumed, so there is room for all that
	// hold one.
	streams chan *stream[C]
	slots   chan struct{}
}

// A stream delivers the children of one parent.
type stream[C any] struct {
	children chan C
	pending  *consumption.Pending // what must wait until the children have been consumed
	// err and panicked are set before children is closed.
	err      error
	panicked *panics.Value
}

// readAll starts to read each parent, and adds a last stream for an error of
// parents.
func (r *reader[P, C]) readAll(parents iter.Seq2[P, error]) {
	defer close(r.streams)
	failed := &stream[C]{pending: &consumption.Pending{}}
	failed.panicked = panics.Catch(func() {
		for p, err := range parents {
			if err != nil {
				failed.err = err
				return
			}
			if !r.start(p) {
				return
			}
		}
	})
	if failed.err == nil && failed.panicked == nil {
		return
	}
	failed.children = make(chan C)
	close(failed.children)
	if r.takeSlot() {
		r.streams <- failed
	}
}

// start reads the children of a parent in a goroutine, once there is a slot for
// it. It returns false if the context has ended.
func (r *reader[P, C]) start(p P) bool {
	if !r.takeSlot() {
		return false
	}
	ctx, pending := consumption.With(r.ctx)
	s := &stream[C]{children: make(chan C, buffer), pending: pending}
	r.streams <- s
	r.wg.Go(func() {
		defer close(s.children)
		s.panicked = panics.Catch(func() { s.err = send(r.ctx, r.read(ctx, p), s.children) })
	})
	return true
}

// takeSlot waits for a slot. It returns false if the context has ended.
func (r *reader[P, C]) takeSlot() bool {
	select {
	case r.slots <- struct{}{}:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// send sends the values of an iterator to a channel.
func send[C any](ctx context.Context, seq iter.Seq2[C, error], to chan<- C) error {
	for c, err := range seq {
		if err != nil {
			return err
		}
		select {
		case to <- c:
		case <-ctx.Done():
			return ctxwait.Cause(ctx)
		}
	}
	return nil
}
