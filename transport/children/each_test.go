package children_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/children"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

// count yields n numbers, each after a delay, and then fail unless it is nil.
func count(ctx context.Context, from, n int, each time.Duration, fail error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			select {
			case <-time.After(each):
			case <-ctx.Done():
				yield(0, ctx.Err())
				return
			}
			if !yield(from+i, nil) {
				return
			}
		}
		if fail != nil {
			yield(0, fail)
		}
	}
}

func TestEachYieldsTheChildrenInTheOrderOfTheParents(t *testing.T) {
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var running, most atomic.Int64
			start := time.Now()
			got, err := transporttest.Collect(children.Each(ctx, children.List([]int{0, 1, 2, 3, 4, 5}), n, func(ctx context.Context, p int) iter.Seq2[int, error] {
				return func(yield func(int, error) bool) {
					most.Store(max(most.Load(), running.Add(1)))
					defer running.Add(-1)
					// Reading the children of the first parent takes longest.
					for v, err := range count(ctx, p*100, 100, time.Duration(6-p)*time.Millisecond, nil) {
						if !yield(v, err) {
							return
						}
					}
				}
			}))
			require.NoError(t, err)
			var want []int
			for i := range 600 {
				want = append(want, i)
			}
			assert.Equal(t, want, got, "the order of the parents")
			assert.EqualValues(t, n, most.Load())
			if n == 1 {
				assert.Equal(t, 2100*time.Millisecond, time.Since(start))
			} else {
				assert.Less(t, time.Since(start), 1200*time.Millisecond)
			}
		})
	}
}

func TestFamiliesYieldsEachParentInOrderWithAllOfItsChildren(t *testing.T) {
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			// Parent p has p children. Those of the first parents take longest.
			read := func(ctx context.Context, p int) iter.Seq2[int, error] {
				return count(ctx, p*100, p, time.Duration(6-p)*time.Millisecond, nil)
			}
			got, err := transporttest.Collect(children.Families(ctx, children.List([]int{0, 1, 2, 3}), n, read))
			require.NoError(t, err)
			assert.Equal(t, []children.Family[int, int]{{0, nil}, {1, []int{100}}, {2, []int{200, 201}}, {3, []int{300, 301, 302}}}, got)

			bad := errors.New("bad")
			got, err = transporttest.Collect(children.Families(ctx, children.List([]int{1, 2, 3}), n, func(ctx context.Context, p int) iter.Seq2[int, error] {
				if p == 2 {
					return count(ctx, 200, 1, 0, bad)
				}
				return read(ctx, p)
			}))
			require.ErrorIs(t, err, bad)
			assert.Equal(t, []children.Family[int, int]{{1, []int{100}}}, got, "a parent whose children are incomplete is not yielded")
		})
	}
}

func TestEachStopsAllReadsAfterAnErrorOrTheEndOfTheLoop(t *testing.T) {
	bad := errors.New("bad")
	for _, n := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			var running atomic.Int64
			read := func(failing int) func(context.Context, int) iter.Seq2[int, error] {
				return func(ctx context.Context, p int) iter.Seq2[int, error] {
					return func(yield func(int, error) bool) {
						running.Add(1)
						defer running.Add(-1)
						var fail error
						if p == failing {
							fail = bad
						}
						for v, err := range count(ctx, p*10, 10, time.Millisecond, fail) {
							if !yield(v, err) {
								return
							}
						}
					}
				}
			}
			got, err := transporttest.Collect(children.Each(ctx, children.List([]int{0, 1, 2, 3, 4}), n, read(2)))
			assert.Equal(t, bad, err)
			assert.Len(t, got, 30, "the children before the error are yielded")
			assert.Zero(t, running.Load())

			parents := func(yield func(int, error) bool) { _ = yield(0, nil) && yield(0, bad) }
			got, err = transporttest.Collect(children.Each(ctx, parents, n, read(-1)))
			assert.Equal(t, bad, err)
			assert.Len(t, got, 10)

			for range children.Each(ctx, children.List([]int{0, 1, 2, 3, 4}), n, read(-1)) {
				break
			}
			assert.Zero(t, running.Load(), "no read is running after the loop has been left")

			cctx, cancel := context.WithTimeout(ctx, 15*time.Millisecond)
			defer cancel()
			_, err = transporttest.Collect(children.Each(cctx, children.List(make([]int, 100)), n, read(-1)))
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Zero(t, running.Load())

			assert.PanicsWithValue(t, "boom", func() {
				_, _ = transporttest.Collect(children.Each(ctx, children.List([]int{0}), n, func(context.Context, int) iter.Seq2[int, error] { panic("boom") }))
			})
		})
	}
}
