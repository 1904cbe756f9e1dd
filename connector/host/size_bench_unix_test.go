//go:build unix

package host_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/state"
)

// destinations are platforms that store the whole state, and the part of each table.
var destinations = map[string]host.DestinationFunc{
	"whole": func(*host.Operation) error { return nil },
	"parts": func(op *host.Operation) error {
		op.Parts()
		return nil
	},
}

// Each of n partitions has a row, followed by a checkpoint.
func BenchmarkSyncsOfManyPartitions(b *testing.B) {
	for name, dst := range destinations {
		b.Run(name, func(b *testing.B) {
			growth.Compare(b, 1_000, 100_000, func(n int) {
				c := &fixture.Wide{Names: []string{"a"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
					parts := state.NewPartitions[int64](st, "a", n, state.Sorted())
					for i := range n {
						if err := out.Upsert("a", id(int64(i))); err != nil {
							return err
						}
						parts.Cursor(strconv.Itoa(i)).Advance(int64(i + 1))
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
					return nil
				}}
				syncTo(b, c, dst)
			})
		})
	}
}

// Each checkpoint is sent, and follows a row of one table.
func BenchmarkManyCheckpoints(b *testing.B) {
	for name, dst := range destinations {
		b.Run(name, func(b *testing.B) {
			growth.Compare(b, 1_000, 100_000, func(n int) {
				c := &fixture.Wide{Names: []string{"a", "b", "c"}, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
					cursor := state.NewCursor[int64](st, "a", state.Sorted())
					for i := range n {
						if err := out.Upsert("a", id(int64(i))); err != nil {
							return err
						}
						cursor.Advance(int64(i + 1))
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
					return nil
				}}
				syncTo(b, c, dst, fixture.Each)
			})
		})
	}
}

// A sync reads n tables and makes ten checkpoints.
func BenchmarkSyncsOfManyTables(b *testing.B) {
	for name, dst := range destinations {
		b.Run(name, func(b *testing.B) {
			growth.Compare(b, 100, 10_000, func(n int) {
				names := make([]string, n)
				for i := range names {
					names[i] = "table" + strconv.Itoa(i)
				}
				c := &fixture.Wide{Names: names, OnSync: func(_ context.Context, st state.State, out connector.Emitter) error {
					for i, name := range names {
						cursor := state.NewCursor[int64](st, name, state.Sorted())
						if err := out.Upsert(name, id(int64(i))); err != nil {
							return err
						}
						cursor.Advance(int64(i + 1))
						if i%(n/10) > 0 {
							continue
						}
						if err := out.Checkpoint(); err != nil {
							return err
						}
					}
					return nil
				}}
				syncTo(b, c, dst, fixture.Each)
			})
		})
	}
}

// A vault has n secrets, and delivers 10,000 rows.
type vault struct {
	Keys []connector.Secret `json:"keys"`
	fixture.Rows
}

// The metric is 0.1 if ten times the secrets cost nothing.
func BenchmarkSyncsWithManySecrets(b *testing.B) {
	rows := fixture.Rows{OnSync: func(_ state.State, out connector.Emitter) error {
		row := fixture.NewWideRow()
		for i := range int64(10_000) {
			row.ID = i
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		return nil
	}}
	growth.Compare(b, 5, 50, func(n int) {
		c := &vault{Rows: rows}
		for i := range n {
			c.Keys = append(c.Keys, connector.Secret("key-"+strconv.Itoa(i)+"-4d5e6f708192"))
		}
		syncTo(b, c, fixture.Discard)
	})
}

func syncTo(b *testing.B, c connector.Connector, dst host.DestinationFunc, opts ...host.Option) {
	if err := fixture.Sync(b, c, host.SyncRequest{}, dst, opts...); err != nil {
		b.Fatal(err)
	}
}
