//go:build unix

package state_test

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/state"
)

// advanceAll reads n partitions up to a value.
func advanceAll(d *state.Document, n int, to int64) *state.Partitions[int64] {
	parts := state.NewPartitions[int64](d, "orders", n, state.Sorted())
	for i := range n {
		parts.Cursor("account-" + strconv.Itoa(i)).Advance(to)
	}
	return parts
}

// stateOf returns the state after a sync of n partitions.
func stateOf(b *testing.B, n int) []byte {
	d := state.New()
	advanceAll(d, n, 1_700_000_000)
	if err := d.Finish(); err != nil {
		b.Fatal(err)
	}
	return d.Saved()
}

// Each checkpoint follows a change of one partition, or of none. The time of a checkpoint
// should grow by far less than the number of partitions.
func BenchmarkCheckpointsOfManyPartitions(b *testing.B) {
	for _, changes := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("changed=%d", changes), func(b *testing.B) {
			syncs := map[int]func(){}
			for _, n := range []int{1_000, 100_000} {
				d, err := state.Parse(stateOf(b, n))
				if err != nil {
					b.Fatal(err)
				}
				parts := advanceAll(d, n, 1_700_000_001)
				if err := d.Checkpoint(); err != nil {
					b.Fatal(err)
				}
				d.Snapshot()
				value, next := int64(1_700_000_001), 0
				syncs[n] = func() {
					value++
					for range changes {
						next = (next + 7919) % n
						parts.Cursor("account-" + strconv.Itoa(next)).Advance(value)
					}
					if err := d.Checkpoint(); err != nil {
						b.Fatal(err)
					}
					d.Snapshot()
				}
			}
			growth.Compare(b, 1_000, 100_000, func(n int) { syncs[n]() })
		})
	}
}

// A sync parses the state, reads every partition, and saves the state once.
func BenchmarkSyncsOfManyPartitions(b *testing.B) {
	saved := map[int][]byte{1_000: stateOf(b, 1_000), 100_000: stateOf(b, 100_000)}
	growth.Compare(b, 1_000, 100_000, func(n int) {
		d, err := state.Parse(saved[n])
		if err != nil {
			b.Fatal(err)
		}
		advanceAll(d, n, 1_700_000_001)
		if err := d.Finish(); err != nil {
			b.Fatal(err)
		}
		d.Snapshot()
	})
}

// The metric is the memory of a partition in use, including its share of the last state.
func BenchmarkMemoryOfManyPartitions(b *testing.B) {
	const n = 100_000
	for name, start := range map[string]func() []byte{
		"first":  func() []byte { return nil },
		"stored": func() []byte { return stateOf(b, n) },
	} {
		b.Run(name, func(b *testing.B) {
			saved := start()
			for b.Loop() {
				before := heap()
				d, err := state.Parse(saved)
				if err != nil {
					b.Fatal(err)
				}
				parts := advanceAll(d, n, 1_700_000_001)
				if err := d.Checkpoint(); err != nil {
					b.Fatal(err)
				}
				last := d.Snapshot()
				b.ReportMetric(float64(heap()-before)/n, "B/partition")
				runtime.KeepAlive(parts)
				runtime.KeepAlive(last)
				runtime.KeepAlive(d)
			}
			runtime.KeepAlive(saved)
		})
	}
}

// heap returns the size of the live heap.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Each of n checkpoints follows a row of one table, as with the host's smallest interval.
func BenchmarkManyCheckpoints(b *testing.B) {
	growth.Compare(b, 1_000, 100_000, func(n int) {
		d := manyTables(10, 1)
		cursor := state.NewCursor[int64](d, "0", state.Sorted())
		for i := range n {
			cursor.Advance(int64(i + 1))
			if err := d.Checkpoint(); err != nil {
				b.Fatal(err)
			}
			d.Snapshot()
		}
	})
}

// A sync of n tables makes a checkpoint of each table and a few states of them all.
func BenchmarkSyncsOfManyTables(b *testing.B) {
	growth.Compare(b, 100, 10_000, func(n int) {
		d := manyTables(n, 2)
		for i := range n {
			if i%2 == 0 {
				state.NewCursor[int64](d, strconv.Itoa(i), state.Sorted()).Advance(1)
			}
			if err := d.Finish(strconv.Itoa(i)); err != nil {
				b.Fatal(err)
			}
			if i%(n/10) == 0 {
				d.Snapshot()
			}
		}
		if err := d.Finish(); err != nil {
			b.Fatal(err)
		}
		d.Snapshot()
	})
}

// Each checkpoint follows a change of one of n tables, or of none.
func BenchmarkCheckpointsOfManyTables(b *testing.B) {
	for _, changes := range []int{0, 1} {
		b.Run(fmt.Sprintf("changed=%d", changes), func(b *testing.B) {
			syncs := map[int]func(){}
			for _, n := range []int{100, 10_000} {
				d := manyTables(n, 1)
				cursors := make([]*state.Cursor[int64], n)
				for i := range n {
					cursors[i] = state.NewCursor[int64](d, strconv.Itoa(i), state.Sorted())
					cursors[i].Advance(1)
				}
				value, next := int64(1), 0
				syncs[n] = func() {
					value++
					for range changes {
						next = (next + 7919) % n
						cursors[next].Advance(value)
					}
					if err := d.Checkpoint(); err != nil {
						b.Fatal(err)
					}
					d.Snapshot()
				}
				syncs[n]()
			}
			growth.Compare(b, 100, 10_000, func(n int) { syncs[n]() })
		})
	}
}
