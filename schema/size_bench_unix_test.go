//go:build unix

package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/internal/growth"
	"github.com/penstock-sdk/penstock/schema"
)

func BenchmarkRowsOfManyColumns(b *testing.B) {
	const few, many = 20, 2_000
	type rows struct {
		encoder *schema.Encoder
		cells   map[string]any
		raw     json.RawMessage
	}
	bySize := map[int]rows{}
	for _, n := range []int{few, many} {
		table := schema.Table{Name: "wide", Columns: []schema.Column{{Name: "id", Type: schema.TypeLong, PrimaryKey: true}}}
		cells := map[string]any{"id": 1}
		for i := range n - 1 {
			name := fmt.Sprintf("column_%d", i)
			table.Columns = append(table.Columns, schema.Column{Name: name, Type: schema.TypeString})
			cells[name] = "a text of some length"
		}
		raw, err := json.Marshal(cells)
		if err != nil {
			b.Fatal(err)
		}
		bySize[n] = rows{schema.NewEncoder(&table, nil), cells, raw}
	}
	for name, row := range map[string]func(rows) any{
		"map": func(r rows) any { return r.cells },
		"raw": func(r rows) any { return r.raw },
	} {
		b.Run(name, func(b *testing.B) {
			var buf []byte
			growth.Compare(b, few, many, func(n int) {
				var err error
				if buf, err = bySize[n].encoder.Append(buf[:0], row(bySize[n]), schema.Full); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func BenchmarkLargeRows(b *testing.B) {
	const few, many = 1 << 10, 1 << 20
	type note struct {
		ID   int64 `schema:"primary_key"`
		Text string
	}
	notes := schema.TableOf[note]("notes")
	encoder := schema.NewEncoder(&notes, nil)
	bySize := map[int]note{few: {1, strings.Repeat("größe ", few/8)}, many: {1, strings.Repeat("größe ", many/8)}}
	var buf []byte
	growth.Compare(b, few, many, func(n int) {
		var err error
		row := bySize[n]
		if buf, err = encoder.Append(buf[:0], &row, schema.Full); err != nil {
			b.Fatal(err)
		}
	})
}
