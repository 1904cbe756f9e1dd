package schema_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/schema"
)

type address struct {
	City    string `json:"city"`
	Country string `json:"country"`
	Zip     string `json:"zip"`
}

// A benchRow has about 550 bytes and a mix of columns that is common in APIs.
type benchRow struct {
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

func newBenchRow() *benchRow {
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	return &benchRow{
		ID: 9007199254740993, CustomerID: 4711, Quantity: 3, Status: "shipped", Total: "1234.50",
		Score: 0.123456789, Paid: true, CreatedAt: at, UpdatedAt: at.Add(time.Hour),
		Note: "Größe «XL», zweite Lieferung an die Nachbarin, bitte zweimal klingeln und kurz warten; der Hund bellt nur, er beißt nicht. " +
			"Danke schön, et merci beaucoup, and many thanks from all of us here at the shop.",
		Tags: []string{"gift", "express", "größe"}, Shipping: address{City: "Zürich", Country: "CH", Zip: "8001"},
	}
}

func BenchmarkAppend(b *testing.B) {
	table := schema.TableOf[benchRow]("orders")
	row := newBenchRow()
	raw, err := json.Marshal(row)
	if err != nil {
		b.Fatal(err)
	}
	var asMap map[string]any
	if err := json.Unmarshal(raw, &asMap); err != nil {
		b.Fatal(err)
	}
	asMap["id"] = json.Number("9007199254740993")
	rows := []struct {
		name string
		row  any
	}{{"pointer", row}, {"struct", *row}, {"map", asMap}, {"raw", raw}}
	for _, bench := range rows {
		b.Run(bench.name, func(b *testing.B) {
			e := schema.NewEncoder(&table, nil)
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buf, err = e.Append(buf[:0], bench.row, schema.Full); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(row); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppendUndeclared(b *testing.B) {
	asMap := map[string]any{}
	for i := range 12 {
		asMap[fmt.Sprint("column", i)] = i
	}
	raw, err := json.Marshal(asMap)
	if err != nil {
		b.Fatal(err)
	}
	for name, row := range map[string]any{"map": asMap, "raw": raw} {
		b.Run(name, func(b *testing.B) {
			e := schema.NewEncoder(&schema.Table{Name: "t"}, nil)
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buf, err = e.Append(buf[:0], row, schema.Full); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
