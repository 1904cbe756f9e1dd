package singer_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/singer"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/state"
)

// emptyConfig writes an empty configuration and returns the flag that names it.
func emptyConfig(tb testing.TB) []string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "config.json")
	require.NoError(tb, os.WriteFile(path, []byte("{}"), 0o600))
	return []string{"--config", path}
}

func TestARowCostsNoMoreThanTwoAllocations(t *testing.T) {
	assert.LessOrEqual(t, fixture.AllocationsOfARow(t, func(c connector.Connector) error {
		return singer.Serve(t.Context(), c, emptyConfig(t), io.Discard, fixture.Quiet)
	}), 2.0)
}

// A server is one of the two wires.
type server func(c connector.Connector, w io.Writer) error

// servers returns the wires to compare.
func servers(b *testing.B, opts ...host.Option) map[string]server {
	b.Helper()
	args := emptyConfig(b)
	opts = append(opts, fixture.Quiet)
	return map[string]server{
		"stdin": func(c connector.Connector, w io.Writer) error {
			return stdin.Serve(b.Context(), c, strings.NewReader("{}"), w, opts...)
		},
		"singer": func(c connector.Connector, w io.Writer) error {
			return singer.Serve(b.Context(), c, args, w, opts...)
		},
	}
}

// compare measures both wires with a connector's Sync.
func compare(b *testing.B, sync func(*testing.B, state.State, connector.Emitter) error) {
	all := servers(b)
	for _, name := range []string{"stdin", "singer"} {
		b.Run(name, func(b *testing.B) {
			w, wait := fixture.Pipe(b)
			b.ReportAllocs()
			if err := all[name](&fixture.Rows{OnSync: func(st state.State, out connector.Emitter) error { return sync(b, st, out) }}, w); err != nil {
				b.Fatal(err)
			}
			wait()
		})
	}
}

// BenchmarkRows delivers rows through a real pipe. Compare the wires within one run.
func BenchmarkRows(b *testing.B) {
	row := fixture.NewWideRow()
	compare(b, func(b *testing.B, _ state.State, out connector.Emitter) error {
		for b.Loop() {
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkCheckpoint delivers a row and a checkpoint.
func BenchmarkCheckpoint(b *testing.B) {
	row := fixture.NewWideRow()
	compare(b, func(b *testing.B, st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
		for at := row.UpdatedAt; b.Loop(); at = at.Add(time.Microsecond) {
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
			cursor.Advance(at)
			if err := out.Checkpoint(); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkStateOfManyTables sends a checkpoint of 1,000 tables, of which one has
// changed.
func BenchmarkStateOfManyTables(b *testing.B) {
	c := &fixture.Wide{}
	for i := range 1000 {
		c.Names = append(c.Names, "t"+string(rune('a'+i%26))+time.Duration(i).String())
	}
	all := servers(b, fixture.Each)
	for _, name := range []string{"stdin", "singer"} {
		b.Run(name, func(b *testing.B) {
			c.OnSync = func(_ context.Context, st state.State, out connector.Emitter) error {
				for _, table := range c.Names {
					state.NewCursor[int64](st, table, state.Sorted()).Advance(1)
				}
				cursor := state.NewCursor[int64](st, c.Names[0], state.Sorted())
				for n := int64(2); b.Loop(); n++ {
					cursor.Advance(n)
					if err := out.Checkpoint(); err != nil {
						return err
					}
				}
				return nil
			}
			w, wait := fixture.Pipe(b)
			b.ReportAllocs()
			if err := all[name](c, w); err != nil {
				b.Fatal(err)
			}
			wait()
		})
	}
}
