package stdin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/paging"
)

// A canned connector delivers rows rows in total, from several tables at the same time.
type canned struct {
	tables, rows int
	checkpoints  bool              // after each row
	api          *transport.Client // that returns the pages; nil if there are none
}

// cannedPage is the number of rows of a page.
const cannedPage = 500

// newCannedAPI returns a client that needs no network, and always receives the same page.
func newCannedAPI(b *testing.B) *transport.Client {
	row, err := json.Marshal(fixture.NewWideRow())
	require.NoError(b, err)
	rows := bytes.Repeat(append(row, ','), cannedPage)
	page := slices.Concat([]byte(`{"data":[`), rows[:len(rows)-1], []byte("]}"))
	api, err := transport.New("https://shop.test", transport.WithRoundTripper(roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
			Body: io.NopCloser(bytes.NewReader(page)), ContentLength: int64(len(page)),
		}, nil
	})))
	require.NoError(b, err)
	return api
}

type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (*canned) Test(context.Context) error { return nil }

func (c *canned) Schema(context.Context) (schema.Schema, error) {
	var tables []schema.Table
	for i := range c.tables {
		tables = append(tables, schema.TableOf[fixture.WideRow](fmt.Sprintf("orders_%d", i)))
	}
	return schema.New("shop", tables...)
}

func (c *canned) Sync(ctx context.Context, st state.State, out connector.Emitter) error {
	var tables connector.Tables
	for i := range c.tables {
		name := fmt.Sprintf("orders_%d", i)
		tables.Add(name, func(ctx context.Context, st state.State, out connector.Emitter) error {
			cursor := state.NewCursor[int64](st, name, state.Sorted())
			id := int64(0)
			for row, err := range c.read(ctx, c.rows/c.tables) {
				if err != nil {
					return err
				}
				id++
				row.ID = id
				if err := out.Upsert(name, row); err != nil {
					return err
				}
				if !c.checkpoints {
					continue
				}
				cursor.Advance(id)
				if err := out.Checkpoint(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return tables.Sync(ctx, st, out)
}

// read returns n rows, from the pages of the API if there is one.
func (c *canned) read(ctx context.Context, n int) iter.Seq2[*fixture.WideRow, error] {
	return func(yield func(*fixture.WideRow, error) bool) {
		if c.api == nil {
			row := fixture.NewWideRow()
			for range n {
				if !yield(row, nil) {
					return
				}
			}
			return
		}
		request := transport.Request{Path: "/orders", RecordsAt: "data"}
		for range n / cannedPage {
			for row, err := range transport.Records[fixture.WideRow](ctx, c.api, request, paging.SinglePage{}) {
				if !yield(&row, err) || err != nil {
					return
				}
			}
		}
	}
}

// BenchmarkTables delivers the same rows from one, two and four tables at the same time,
// and from two syncs that have nothing in common, in turns. The last shows what a second
// processor is worth on this machine. Each is reported by its fastest turn, because other
// processes may use the machine, and in proportion to that of one table.
func BenchmarkTables(b *testing.B) {
	b.Run("pages", func(b *testing.B) { benchmarkTables(b, canned{checkpoints: true, api: newCannedAPI(b)}) })
	b.Run("rows", func(b *testing.B) { benchmarkTables(b, canned{}) })
	b.Run("checkpoints", func(b *testing.B) { benchmarkTables(b, canned{checkpoints: true}) })
}

func benchmarkTables(b *testing.B, c canned) {
	const rows = 60_000
	deliver := func(tables, rows int) {
		c := c
		c.tables, c.rows = tables, rows
		assert.NoError(b, stdin.Serve(b.Context(), &c, strings.NewReader(`{}`), io.Discard, fixture.Quiet))
	}
	turns := []struct {
		name    string
		deliver func()
	}{
		{"1-table", func() { deliver(1, rows) }},
		{"2-tables", func() { deliver(2, rows) }},
		{"4-tables", func() { deliver(4, rows) }},
		{"2-syncs", func() {
			var wait sync.WaitGroup
			wait.Go(func() { deliver(1, rows/2) })
			deliver(1, rows/2)
			wait.Wait()
		}},
	}
	fastest := make([]float64, len(turns)) // rows per second
	for b.Loop() {
		for i, turn := range turns {
			began := time.Now()
			turn.deliver()
			fastest[i] = max(fastest[i], rows/time.Since(began).Seconds())
		}
	}
	for i, turn := range turns {
		b.ReportMetric(fastest[i]/1e6, "Mrows/s-of-"+turn.name)
		b.ReportMetric(fastest[i]/fastest[0], "x-of-"+turn.name)
	}
}
