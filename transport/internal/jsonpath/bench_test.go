package jsonpath

import (
	"strings"
	"testing"
)

func BenchmarkRecordsOfAPage(b *testing.B) {
	record := `{"id":9007199254740993,"status":"shipped","total":"2598.77","tags":["gift"],"items":[{"line":1,"sku":"SKU-82595","price":"521.60"}]}`
	body := []byte(`{"data":[` + strings.Repeat(record+",", 499) + record + `],"next":"/orders?page_token=AAYN1xAh"}`)
	at, err := Parse("data")
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, records *Path) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				doc, err := NewRecordsDocument(body, records)
				if err != nil {
					b.Fatal(err)
				}
				if found, err := doc.Records(at); len(found) != 500 || err != nil {
					b.Fatal(len(found), err)
				}
			}
		})
	}
	run("one pass", &at)
	run("two passes", nil)
}
