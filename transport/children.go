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

// A family is the children of one parent on their way.
type family[C any] struct {
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
	// The families in their order. slots counts those that are being read or
	// wait to be consumed.
	families := make(chan *family[C], n)
	slots := make(chan struct{}, n)

	wg.Go(func() {
		defer close(families)
		f := &family[C]{}
		start := func(p P) bool {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return false
			}
			f := &family[C]{children: make(chan C, childBuffer)}
			families <- f // has room for as many as there are slots
			wg.Go(func() {
				defer close(f.children)
				f.panicked = catch(func() { f.err = send(ctx, read(ctx, p), f.children) })
			})
			return true
		}
		f.panicked = catch(func() {
			for p, err := range parents {
				if err != nil {
					f.err = err
					return
				}
				if !start(p) {
					return
				}
			}
		})
		if f.err != nil || f.panicked != nil {
			f.children = make(chan C)
			close(f.children)
			select {
			case slots <- struct{}{}:
				families <- f
			case <-ctx.Done():
			}
		}
	})

	var zero C
	for f := range families {
		for c := range f.children {
			if !yield(c, nil) {
				return
			}
		}
		f.panicked.again()
		if f.err != nil {
			yield(zero, f.err)
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
