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
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A wideRow has eight columns, with the mix of types of a typical API's row.
type wideRow struct {
	ID         int64          `json:"id" schema:"primary_key"`
	CustomerID int64          `json:"customer_id"`
	Status     string         `json:"status"`
	Total      schema.Decimal `json:"total"`
	Score      float64        `json:"score"`
	Paid       bool           `json:"paid"`
	UpdatedAt  time.Time      `json:"updated_at"`
	Note       string         `json:"note"`
}

func newWideRow() *wideRow {
	return &wideRow{
		ID: 9007199254740993, CustomerID: 4711, Status: "shipped", Total: "1234.50", Score: 0.123456789, Paid: true,
		UpdatedAt: time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC), Note: "Größe «XL», zweite Lieferung an die Nachbarin",
	}
}

// An emitting is a connector that only delivers rows of the table orders.
type emitting struct {
	sync func(st state.State, out connector.Emitter) error
}

func (*emitting) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[wideRow]("orders"))
}
func (*emitting) Test(context.Context) error { return nil }
func (e *emitting) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	return e.sync(st, out)
}

// emptyConfig writes an empty configuration and returns the flag that names it.
func emptyConfig(tb testing.TB) []string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "config.json")
	require.NoError(tb, os.WriteFile(path, []byte("{}"), 0o600))
	return []string{"--config", path}
}

func TestARowCostsNoMoreThanTwoAllocations(t *testing.T) {
	row := newWideRow()
	var allocations float64
	err := singer.Serve(t.Context(), &emitting{func(_ state.State, out connector.Emitter) error {
		for range 1000 { // fills the buffers
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		allocations = testing.AllocsPerRun(10_000, func() { assert.NoError(t, out.Upsert("orders", row)) })
		return nil
	}}, emptyConfig(t), io.Discard, fixture.Quiet)
	require.NoError(t, err)
	assert.LessOrEqual(t, allocations, 2.0)
}

// pipe returns a real pipe whose other end is read as fast as possible.
func pipe(tb testing.TB) (w *os.File, wait func()) {
	tb.Helper()
	r, w, err := os.Pipe()
	require.NoError(tb, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 64<<10))
	}()
	return w, func() {
		require.NoError(tb, w.Close())
		<-done
		require.NoError(tb, r.Close())
	}
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
			w, wait := pipe(b)
			b.ReportAllocs()
			if err := all[name](&emitting{func(st state.State, out connector.Emitter) error { return sync(b, st, out) }}, w); err != nil {
				b.Fatal(err)
			}
			wait()
		})
	}
}

// BenchmarkRows delivers rows through a real pipe. Compare the wires within one run.
func BenchmarkRows(b *testing.B) {
	row := newWideRow()
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
	row := newWideRow()
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
			w, wait := pipe(b)
			b.ReportAllocs()
			if err := all[name](c, w); err != nil {
				b.Fatal(err)
			}
			wait()
		})
	}
}
