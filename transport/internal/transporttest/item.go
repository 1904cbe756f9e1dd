package transporttest

import (
	"fmt"
	"io"
	"iter"
	"strings"
)

// An Item is a record of [WriteItems].
type Item struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// WriteItems writes a page whose member "data" has the items with the ids from first to
// last, followed by more, which is the text of further members or empty.
func WriteItems(w io.Writer, first, last int, more string) {
	var items []string
	for i := first; i <= last; i++ {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"n%d"}`, i, i))
	}
	fmt.Fprintf(w, `{"data":[%s]%s}`, strings.Join(items, ","), more)
}

// IDs returns the ids of items.
func IDs(items []Item) []int64 {
	var out []int64
	for _, it := range items {
		out = append(out, it.ID)
	}
	return out
}

// UpTo returns the numbers from 1 to n.
func UpTo(n int64) []int64 {
	var out []int64
	for i := int64(1); i <= n; i++ {
		out = append(out, i)
	}
	return out
}

// IDRecords returns records with the ids from first to last.
func IDRecords(first, last int) []map[string]int {
	records := []map[string]int{}
	for id := first; id <= last; id++ {
		records = append(records, map[string]int{"id": id})
	}
	return records
}

// Collect returns the values of an iterator up to its end or its first error.
func Collect[T any](seq iter.Seq2[T, error]) (all []T, err error) {
	for v, e := range seq {
		if e != nil {
			return all, e
		}
		all = append(all, v)
	}
	return all, nil
}
