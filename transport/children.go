package transport

import (
	"context"
	"iter"
	"sync"
)

// childBuffer is how many children of a parent are read ahead of the consumer.
const childBuffer = 64

// Children reads the children of each parent: the items of every order, the
// issues of every project, the rows of every partition in a list
// ([Slice]). It calls read for up to n parents at a time, and yields
// what they give parent by parent, in the order of parents, whatever comes
// first; so the same source gives the same sequence. A parent that is far ahead
// waits, so that memory is bounded by n, not by the number of children.
//
// The first error, of parents or of read, is yielded last, after everything that
// came before it in that order; the others are told by their context to stop.
// Leaving the loop early does the same, and returns when all have stopped. With
// n below 2 children are read one parent at a time, without goroutines.
//
// [Families] yields parents together with their children.
//
// read is called from several goroutines. parents is read by another goroutine
// than the caller's.
func Children[P, C any](ctx context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error]) iter.Seq2[C, error] {
	if n < 2 {
		return func(yield func(C, error) bool) {
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
	}
	return func(yield func(C, error) bool) { readChildren(ctx, parents, n, read, yield) }
}

// A childStream is the children of one parent on their way.
type childStream[C any] struct {
	children chan C
	// err and panicked are set before children is closed.
	err      error
	panicked *panicValue
}

func readChildren[P, C any](outer context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error], yield func(C, error) bool) {
	ctx, cancel := context.WithCancel(outer)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	// The streams in the order of parents. slots counts those that are being read
	// or wait to be consumed.
	streams := make(chan *childStream[C], n)
	slots := make(chan struct{}, n)

	wg.Go(func() {
		defer close(streams)
		failed := &childStream[C]{}
		start := func(p P) bool {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return false
			}
			s := &childStream[C]{children: make(chan C, childBuffer)}
			streams <- s // has room for as many as there are slots
			wg.Go(func() {
				defer close(s.children)
				s.panicked = catch(func() { s.err = send(ctx, read(ctx, p), s.children) })
			})
			return true
		}
		failed.panicked = catch(func() {
			for p, err := range parents {
				if err != nil {
					failed.err = err
					return
				}
				if !start(p) {
					return
				}
			}
		})
		if failed.err != nil || failed.panicked != nil {
			failed.children = make(chan C)
			close(failed.children)
			select {
			case slots <- struct{}{}:
				streams <- failed
			case <-ctx.Done():
			}
		}
	})

	var zero C
	for s := range streams {
		for c := range s.children {
			if !yield(c, nil) {
				return
			}
		}
		s.panicked.again()
		if s.err != nil {
			yield(zero, s.err)
			return
		}
		<-slots
	}
	if outer.Err() != nil {
		yield(zero, ended(outer))
	}
}

// send puts what an iterator gives into a channel.
func send[C any](ctx context.Context, seq iter.Seq2[C, error], to chan<- C) error {
	for c, err := range seq {
		if err != nil {
			return err
		}
		select {
		case to <- c:
		case <-ctx.Done():
			return ended(ctx)
		}
	}
	return nil
}

// A Family is a parent and its children.
type Family[P, C any] struct {
	Parent P
	// Children is empty for a parent that has none.
	Children []C
}

// Families reads the children of each parent as [Children] does, and yields each
// parent once, when all of its children are there:
//
//	for order, err := range transport.Families(ctx, orders, 4, c.items) {
//		if err != nil {
//			return err
//		}
//		if err := c.deliver(out, order.Parent, order.Children); err != nil {
//			return err
//		}
//		cursor.Advance(order.Parent.UpdatedAt)
//		if err := out.Checkpoint(); err != nil {
//			return err
//		}
//	}
//
// So a sync can say after each parent that it is done with it, also with one that
// has no children. A family whose children fail is not yielded, only the error.
// All children of n parents are in memory; where these may be too many, use
// Children.
func Families[P, C any](ctx context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error]) iter.Seq2[Family[P, C], error] {
	return Children(ctx, parents, n, func(ctx context.Context, p P) iter.Seq2[Family[P, C], error] {
		return func(yield func(Family[P, C], error) bool) {
			f := Family[P, C]{Parent: p}
			for c, err := range read(ctx, p) {
				if err != nil {
					yield(Family[P, C]{}, err)
					return
				}
				f.Children = append(f.Children, c)
			}
			yield(f, nil)
		}
	})
}

// Slice returns the elements of a list as an iterator, for [Children] over what
// is known beforehand: regions, accounts, partitions.
func Slice[P any](list []P) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		for _, p := range list {
			if !yield(p, nil) {
				return
			}
		}
	}
}
