package stdin_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/internal/fixture"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

type address struct {
	City    string `json:"city"`
	Country string `json:"country"`
	Zip     string `json:"zip"`
}

// orderRow has the mix of columns of a typical API's row, about 550 bytes.
type orderRow struct {
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
	Shipping   address        `json:"shipping"`
}

func newOrderRow() *orderRow {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	return &orderRow{
		ID: 9007199254740993, CustomerID: 4711, Quantity: 3, Status: "shipped", Total: "1234.50",
		Score: 0.123456789, Paid: true, CreatedAt: at, UpdatedAt: at.Add(time.Hour),
		Note: "Größe «XL», zweite Lieferung an die Nachbarin, bitte zweimal klingeln und kurz warten; der Hund bellt nur, er beißt nicht. " +
			"Danke schön, et merci beaucoup, and many thanks from all of us here at the shop.",
		Tags: []string{"gift", "express", "größe"}, Shipping: address{City: "Zürich", Country: "CH", Zip: "8001"},
	}
}

// handAppend is the code that an author would write for exactly this row.
func handAppend(b []byte, r *orderRow) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, r.ID, 10)
	b = append(b, `,"customer_id":`...)
	b = strconv.AppendInt(b, r.CustomerID, 10)
	b = append(b, `,"quantity":`...)
	b = strconv.AppendInt(b, int64(r.Quantity), 10)
	b = append(b, `,"status":`...)
	b = handString(b, r.Status)
	b = append(b, `,"total":"`...)
	b = append(b, r.Total...)
	b = append(b, `","score":`...)
	b = strconv.AppendFloat(b, r.Score, 'f', -1, 64)
	b = append(b, `,"paid":`...)
	b = strconv.AppendBool(b, r.Paid)
	b = append(b, `,"created_at":"`...)
	b = r.CreatedAt.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","updated_at":"`...)
	b = r.UpdatedAt.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","note":`...)
	b = handString(b, r.Note)
	b = append(b, `,"tags":[`...)
	for i, tag := range r.Tags {
		if i > 0 {
			b = append(b, ',')
		}
		b = handString(b, tag)
	}
	b = append(b, `],"shipping":{"city":`...)
	b = handString(b, r.Shipping.City)
	b = append(b, `,"country":`...)
	b = handString(b, r.Shipping.Country)
	b = append(b, `,"zip":`...)
	b = handString(b, r.Shipping.Zip)
	return append(b, `}}`...)
}

// handString escapes a string and checks its UTF-8, as the protocol requires.
func handString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			default:
				b = append(b, `\u00`...)
				b = append(b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
			}
			start = i + 1
		}
		i++
	}
	return append(append(b, s[start:]...), '"')
}

// emitting is a connector that only delivers rows.
type emitting struct {
	emit func(out connector.Emitter) error
}

func (*emitting) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[orderRow]("orders"))
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

func TestAStructRowCostsNoMoreThanTwoAllocations(t *testing.T) {
	row := newOrderRow()
	var allocations float64
	err := stdin.Serve(t.Context(), &emitting{func(out connector.Emitter) error {
		for range 1000 { // fills the buffers
			if err := out.Upsert("orders", row); err != nil {
				return err
			}
		}
		allocations = testing.AllocsPerRun(10_000, func() { assert.NoError(t, out.Upsert("orders", row)) })
		return nil
	}}, strings.NewReader(`{}`), io.Discard, fixture.Quiet)
	require.NoError(t, err)
	assert.LessOrEqual(t, allocations, 2.0)
}

// BenchmarkRows delivers rows through a real pipe. Compare within one run:
// struct with hand, raw with raw-hand.
func BenchmarkRows(b *testing.B) {
	row := newOrderRow()
	raw, err := json.Marshal(row)
	require.NoError(b, err)
	var asMap map[string]any
	require.NoError(b, json.Unmarshal(raw, &asMap))
	asMap["id"] = int64(9007199254740993)

	byHand := func(b *testing.B, appendRow func([]byte) []byte) {
		w, wait := pipe(b)
		buf := make([]byte, 0, 32<<10)
		b.ReportAllocs()
		for b.Loop() {
			buf = append(buf, `{"type":"RECORD","record":{"shop":{"orders":`...)
			buf = appendRow(buf)
			buf = append(buf, "}}}\n"...)
			if len(buf) >= 16<<10 {
				if _, err := w.Write(buf); err != nil {
					b.Fatal(err)
				}
				buf = buf[:0]
			}
		}
		wait()
	}
	deliver := func(b *testing.B, row any) {
		w, wait := pipe(b)
		b.ReportAllocs()
		err := stdin.Serve(b.Context(), &emitting{func(out connector.Emitter) error {
			for b.Loop() {
				if err := out.Upsert("orders", row); err != nil {
					return err
				}
			}
			return nil
		}}, strings.NewReader(`{}`), w, fixture.Quiet)
		if err != nil {
			b.Fatal(err)
		}
		wait()
	}
	b.Run("hand", func(b *testing.B) {
		byHand(b, func(buf []byte) []byte { return handAppend(buf, row) })
	})
	b.Run("struct", func(b *testing.B) { deliver(b, row) })
	b.Run("raw-hand", func(b *testing.B) {
		byHand(b, func(buf []byte) []byte {
			if !json.Valid(raw) {
				b.Fatal("invalid")
			}
			return append(buf, raw...)
		})
	})
	b.Run("raw", func(b *testing.B) { deliver(b, json.RawMessage(raw)) })
	b.Run("map", func(b *testing.B) { deliver(b, asMap) })
}

// BenchmarkCheckpoint delivers a row and a checkpoint. Compare it with
// BenchmarkRows/struct for the cost of the checkpoint.
func BenchmarkCheckpoint(b *testing.B) {
	w, wait := pipe(b)
	b.ReportAllocs()
	err := stdin.Serve(b.Context(), &checkpointing{b}, strings.NewReader(`{}`), w, fixture.Quiet)
	if err != nil {
		b.Fatal(err)
	}
	wait()
}

type checkpointing struct{ b *testing.B }

func (*checkpointing) Schema(context.Context) (schema.Schema, error) {
	return schema.New("shop", schema.TableOf[orderRow]("orders"))
}
func (*checkpointing) Test(context.Context) error { return nil }
func (c *checkpointing) Sync(_ context.Context, st state.State, out connector.Emitter) error {
	cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
	row := newOrderRow()
	for c.b.Loop() {
		if err := out.Upsert("orders", row); err != nil {
			return err
		}
		row.UpdatedAt = row.UpdatedAt.Add(time.Microsecond)
		cursor.Advance(row.UpdatedAt)
		if err := out.Checkpoint(); err != nil {
			return err
		}
	}
	return nil
}
