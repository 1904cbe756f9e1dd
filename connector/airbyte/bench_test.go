package airbyte_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/airbyte"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A wideRow has the mix of columns of a typical API's row, about 550 bytes.
type wideRow struct {
	ID         int64          `json:"id" schema:"primary_key"`
	CustomerID int64          `json:"customer_id"`
	Quantity   int32          `json:"quantity"`
	Status     string         `json:"status"`
	Total      schema.Decimal `json:"total"`
	Score      float64        `json:"score"`
	Paid       bool           `json:"paid"`
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	Note       string         `json:"note"`
	Tags       []string       `json:"tags"`
	Shipping   struct {
		City string `json:"city"`
		Zip  string `json:"zip"`
	} `json:"shipping"`
}

func newWideRow() *wideRow {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	row := &wideRow{
		ID: 9007199254740993, CustomerID: 4711, Quantity: 3, Status: "shipped", Total: "1234.50", Score: 0.123456789, Paid: true,
		CreatedAt: at, UpdatedAt: at.Add(time.Hour), Note: strings.Repeat("please ring twice, merci beaucoup, schönen Tag. ", 5),
		Tags: []string{"gift", "express", "größe"},
	}
	row.Shipping.City, row.Shipping.Zip = "Zürich", "8001"
	return row
}

// An emitting is a connector that only delivers rows.
type emitting struct {
	emit func(out connector.Emitter) error
}

func (*emitting) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[wideRow]("orders"))
}
func (*emitting) Test(context.Context) error { return nil }
func (e *emitting) Sync(_ context.Context, _ state.State, out connector.Emitter) error {
	return e.emit(out)
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

func TestARowCostsNoMoreThanTwoAllocations(t *testing.T) {
	row := newWideRow()
	var allocations float64
	err := airbyte.Serve(t.Context(), &emitting{func(out connector.Emitter) error {
		for range 1000 { // fills the buffers
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		allocations = testing.AllocsPerRun(10_000, func() { assert.NoError(t, out.Upsert("orders", row)) })
		return nil
	}}, readArgs(t, `{}`, catalogOf("orders"), ""), io.Discard, fixture.Quiet)
	require.NoError(t, err)
	assert.LessOrEqual(t, allocations, 2.0)
}

// BenchmarkRows delivers rows through a real pipe. Compare airbyte with stdin in the
// same run: a row must not cost more than 1.25 times as much.
func BenchmarkRows(b *testing.B) {
	row := newWideRow()
	raw, err := json.Marshal(row)
	require.NoError(b, err)
	for name, row := range map[string]any{"struct": row, "raw": json.RawMessage(raw)} {
		deliver := func(serve func(connector.Connector, io.Writer) error) func(*testing.B) {
			return func(b *testing.B) {
				w, wait := pipe(b)
				b.ReportAllocs()
				err := serve(&emitting{func(out connector.Emitter) error {
					for b.Loop() {
						if err := out.Upsert("orders", row); err != nil {
							return err
						}
					}
					return nil
				}}, w)
				if err != nil {
					b.Fatal(err)
				}
				wait()
			}
		}
		b.Run(name+"/stdin", deliver(func(c connector.Connector, w io.Writer) error {
			return stdin.Serve(b.Context(), c, strings.NewReader(`{}`), w, fixture.Quiet)
		}))
		args := readArgs(b, `{}`, catalogOf("orders"), "")
		b.Run(name+"/airbyte", deliver(func(c connector.Connector, w io.Writer) error {
			return airbyte.Serve(b.Context(), c, args, w, fixture.Quiet)
		}))
	}
}
