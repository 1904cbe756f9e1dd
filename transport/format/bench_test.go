package format_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/transport/format"
)

// csvText returns CSV text with n rows.
func csvText(n int) string {
	var b strings.Builder
	b.WriteString("id,name,amount,ratio,paid,note\r\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,name %d,%d.50,0.5,true,\"a, \"\"quoted\"\" note of some length\"\r\n", i, i, i)
	}
	return b.String()
}

func BenchmarkCSV(b *testing.B) {
	type row struct {
		ID     int64   `json:"id"`
		Name   string  `json:"name"`
		Amount string  `json:"amount"`
		Ratio  float64 `json:"ratio"`
		Paid   bool    `json:"paid"`
		Note   string  `json:"note"`
	}
	text := csvText(1000)
	b.Run("struct", func(b *testing.B) { benchmarkCSV[row](b, text) })
	b.Run("map", func(b *testing.B) { benchmarkCSV[map[string]any](b, text) })
}

func benchmarkCSV[T any](b *testing.B, text string) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range format.Decode[T](strings.NewReader(text), format.CSV{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
