package warehouse_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

// Upserts wait to be written together. The test applies operations, new columns, wider
// types, commits and rollbacks in random order. The result must be the same as if each
// was applied immediately.
func TestTheOrderOfOperationsIsKept(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
		require.NoError(t, w.Declare([]*schema.Table{orders}))
		type row map[string]any
		committed, now := map[int]row{}, map[int]row{}
		columns := []string{"total", "note"}
		value := func() any {
			switch r.IntN(4) {
			case 0:
				return nil
			case 1:
				return "text"
			}
			return fmt.Sprint(r.IntN(100))
		}
		for range 600 {
			id := r.IntN(30)
			change := row{"id": id}
			for _, column := range columns {
				if r.IntN(3) > 0 {
					change[column] = value()
				}
			}
			op := stdin.Upsert
			switch n := r.IntN(100); {
			case n < 6:
				op = stdin.Update
				if now[id] != nil {
					merged := maps.Clone(now[id])
					maps.Copy(merged, change)
					now[id] = merged
				}
			case n < 10:
				op, change = stdin.Delete, row{"id": id}
				delete(now, id)
			case n == 10:
				op, change = stdin.Truncate, row{}
				clear(now)
			case n == 11 && len(columns) < 6:
				name := fmt.Sprint("new", len(columns))
				columns, change[name] = append(columns, name), value()
				now[id] = change
			case n == 12:
				require.NoError(t, w.Commit([]byte(`{}`)))
				committed = maps.Clone(now)
				continue
			case n == 13:
				require.NoError(t, w.Rollback())
				now = maps.Clone(committed)
				continue
			default:
				now[id] = change
			}
			text, err := json.Marshal(change)
			require.NoError(t, err)
			require.NoError(t, w.Apply(op, "shop", "orders", text))
		}
		require.NoError(t, w.Commit([]byte(`{}`)))
		var want, got []string
		for _, id := range slices.Sorted(maps.Keys(now)) {
			var values []any
			for _, column := range w.Tables()[0].Columns {
				values = append(values, now[id][column.Name])
			}
			want = append(want, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
		}
		var names []string
		for _, column := range w.Tables()[0].Columns {
			names = append(names, column.Name)
		}
		got = strings.Split(rows(t, w, "SELECT "+strings.Join(names, ", ")+` FROM "shop.orders" WHERE NOT _fivetran_deleted ORDER BY id`), "\n")
		require.Equal(t, want, got, "seed %d", seed)
	}
}

func BenchmarkUpserts(b *testing.B) {
	w, err := warehouse.Open(filepath.Join(b.TempDir(), "warehouse.db"), warehouse.SourceNames)
	require.NoError(b, err)
	defer w.Close()
	require.NoError(b, w.Declare([]*schema.Table{{Schema: "shop", Name: "orders", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "customer_id", Type: schema.TypeLong},
		{Name: "status", Type: schema.TypeString},
		{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
		{Name: "note", Type: schema.TypeString},
		{Name: "created_at", Type: schema.TypeUTCDatetime},
		{Name: "updated_at", Type: schema.TypeUTCDatetime},
	}}}))
	var row []byte
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		row = fmt.Appendf(row[:0], `{"id":%d,"customer_id":17,"status":"paid","total":"19.90","note":"a note of thirty characters..","created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}`, n)
		if err := w.Apply(stdin.Upsert, "shop", "orders", row); err != nil {
			b.Fatal(err)
		}
		if n%10000 == 0 {
			if err := w.Commit([]byte(`{}`)); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
