package stdin_test

import (
	"encoding/json"
	"io"
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
	"github.com/penstock-sdk/penstock/state"
)

// handAppend is the code that an author would write for exactly this row.
func handAppend(b []byte, r *fixture.WideRow) []byte {
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

func TestAStructRowCostsNoMoreThanTwoAllocations(t *testing.T) {
	assert.LessOrEqual(t, fixture.AllocationsOfARow(t, func(c connector.Connector) error {
		return stdin.Serve(t.Context(), c, strings.NewReader(`{}`), io.Discard, fixture.Quiet)
	}), 2.0)
}

// BenchmarkRows delivers rows through a real pipe. Compare within one run:
// struct with hand, raw with raw-hand.
func BenchmarkRows(b *testing.B) {
	row := fixture.NewWideRow()
	raw, err := json.Marshal(row)
	require.NoError(b, err)
	var asMap map[string]any
	require.NoError(b, json.Unmarshal(raw, &asMap))
	asMap["id"] = int64(9007199254740993)

	byHand := func(b *testing.B, appendRow func([]byte) []byte) {
		w, wait := fixture.Pipe(b)
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
		w, wait := fixture.Pipe(b)
		b.ReportAllocs()
		err := stdin.Serve(b.Context(), &fixture.Rows{OnSync: func(_ state.State, out connector.Emitter) error {
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
	w, wait := fixture.Pipe(b)
	b.ReportAllocs()
	err := stdin.Serve(b.Context(), &fixture.Rows{OnSync: func(st state.State, out connector.Emitter) error {
		cursor := state.NewCursor[time.Time](st, "orders", state.Sorted())
		row := fixture.NewWideRow()
		for b.Loop() {
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
	}}, strings.NewReader(`{}`), w, fixture.Quiet)
	if err != nil {
		b.Fatal(err)
	}
	wait()
}
