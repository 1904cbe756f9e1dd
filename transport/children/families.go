package children

import (
	"context"
	"iter"
)

// A Family is a parent and its children.
type Family[P, C any] struct {
	Parent P
	// Children is empty if the parent has none.
	Children []C
}

// Families reads the children of each parent as [Each] does, and yields each parent
// once all of its children have been read:
//
//	for order, err := range children.Families(ctx, orders, 4, c.itemsOf) {
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
// This lets a sync checkpoint after each parent, including parents without
// children. If reading the children of a parent fails, the parent is not yielded.
// All children of up to n parents are in memory; if these may be too many, use
// Each.
func Families[P, C any](ctx context.Context, parents iter.Seq2[P, error], n int, read func(context.Context, P) iter.Seq2[C, error]) iter.Seq2[Family[P, C], error] {
	return Each(ctx, parents, n, func(ctx context.Context, p P) iter.Seq2[Family[P, C], error] {
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
