package warehouse_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connector/cmd/penstock/internal/warehouse"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
)

func open(t *testing.T, path string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Open(path, warehouse.SourceNames)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.Close()) })
	return w
}

// rows returns what a query finds, a row a line.
func rows(t *testing.T, w *warehouse.Warehouse, sql string) string {
	t.Helper()
	var lines []string
	found, err := w.Query(sql)
	require.NoError(t, err)
	for row, err := range found.Rows {
		require.NoError(t, err)
		var cells []string
		for _, v := range row {
			cells = append(cells, fmt.Sprint(v))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

var orders = &schema.Table{Schema: "shop", Name: "orders", Columns: []schema.Column{
	{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
	{Name: "total", Type: schema.TypeDecimal, Precision: 12, Scale: 2},
	{Name: "note", Type: schema.TypeString},
}}

func TestOperationsHaveAPlatformsSemantics(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	for _, op := range []struct {
		op  stdin.Op
		row string
	}{
		{stdin.Upsert, `{"id":9007199254740993,"total":"19.90","note":"a\nb"}`},
		{stdin.Upsert, `{"id":2,"total":"1.00","note":"x"}`},
		{stdin.Upsert, `{"id":2,"total":"2.00"}`}, // replaces the whole row
		{stdin.Upsert, `{"id":3,"total":"3.00","note":"gone"}`},
		{stdin.Update, `{"note":"new","id":9007199254740993}`},
		{stdin.Update, `{"note":"nobody","id":77}`},
		{stdin.Delete, `{"id":3}`},
		{stdin.Delete, `{"id":78}`},
	} {
		require.NoError(t, w.Apply(op.op, "shop", "orders", []byte(op.row)))
	}
	require.NoError(t, w.Commit([]byte(`{"orders":{"cursor":1}}`)))
	assert.Equal(t, "2 2.00 <nil> 0\n3 3.00 gone 1\n9007199254740993 19.90 new 0",
		rows(t, w, `SELECT id, total, note, _fivetran_deleted FROM "shop.orders" ORDER BY id`))
	assert.Equal(t, warehouse.Counts{Upserts: 4, Updates: 2, Deletes: 2, Missed: 2}, w.Tables()[0].Counts)
	assert.Equal(t, "3", rows(t, w, `SELECT count(*) FROM "shop.orders" WHERE _fivetran_synced LIKE '20__-__-__T%Z'`))

	require.NoError(t, w.Apply(stdin.Truncate, "shop", "orders", []byte(`{}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":3}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "2 1\n3 0\n9007199254740993 1", rows(t, w, `SELECT id, _fivetran_deleted FROM "shop.orders" ORDER BY id`))
}

func TestRowsAndStateAreCommittedTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w, err := warehouse.Open(path, warehouse.SourceNames)
	require.NoError(t, err)
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{"n":1}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":2}`)))
	require.NoError(t, w.Close())

	w = open(t, path)
	assert.Equal(t, `{"n":1}`, w.State())
	assert.Equal(t, "1", rows(t, w, `SELECT a FROM "s.t"`))
}

func TestRollbackTakesBackTablesAndColumns(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	for range 2 {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":"x","b":1,"c":2}`)))
		require.NoError(t, w.Apply(stdin.Upsert, "s", "u", []byte(`{"a":1}`)))
		require.NoError(t, w.Rollback())
		assert.Len(t, w.Tables()[0].Columns, 1)
		assert.Equal(t, schema.TypeLong, w.Tables()[0].Columns[0].Type)
		for _, table := range w.Tables() {
			_, err := w.Live(table)
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":2}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1\n2", rows(t, w, `SELECT a FROM "s.t" ORDER BY a`))
}

func TestTablesWithoutKeyHaveOneRowForEqualValues(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	for _, row := range []string{`{"a":1,"b":"x"}`, `{"b":"x","a":1,"c":null}`, `{"a":1}`} {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(row)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "2", rows(t, w, `SELECT count(DISTINCT _fivetran_id) FROM "s.t"`))
	assert.ErrorContains(t, w.Apply(stdin.Delete, "s", "t", []byte(`{"a":1}`)), "table s.t: a DELETE from a table without primary key")
}

func TestColumnsAreInferredAndWidened(t *testing.T) {
	for _, test := range []struct{ values, want string }{
		{`1, 2`, "LONG: 1 2"},
		{`1, 1.5`, "DECIMAL: 1 1.5"},
		{`1.5, 19.9, 1`, "DOUBLE: 1.5 19.9 1"},
		{`1.5, 9007199254740993`, "DECIMAL: 1.5 9007199254740993"},
		{`1e400, 2`, "DECIMAL: 1e400 2"},
		{`1, 9223372036854775808`, "DECIMAL: 1 9223372036854775808"},
		{`9007199254740993, 1.25`, "DECIMAL: 9007199254740993 1.25"},
		{`1, "x"`, "STRING: 1 x"},
		{`19.9, "x"`, "STRING: 19.9 x"},
		{`true, false`, "BOOLEAN: 1 0"},
		{`true, "x", false`, "STRING: true x false"},
		{`true, 1`, "STRING: true 1"},
		{`{"a": 1.50}, [2], "x"`, `JSON: {"a": 1.50} [2] "x"`},
		{`"x", {"a":1}, 1.50`, `STRING: x {"a":1} 1.50`},
		{`null, null, "x"`, "STRING: <nil> <nil> x"},
		{`"é\u00e9\"", "x"`, `STRING: éé" x`},
	} {
		t.Run(test.values, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "warehouse.db")
			w := open(t, path)
			for i, value := range strings.Split(test.values, ", ") {
				require.NoError(t, w.Apply(stdin.Upsert, "s", "t", fmt.Appendf(nil, `{"id":%d, "v" : %s }`, i, value)))
				require.NoError(t, w.Commit([]byte(`{}`)))
			}
			again := open(t, path)
			columns := again.Tables()[0].Columns
			got := columns[len(columns)-1].Type.String() + ": " + strings.ReplaceAll(rows(t, again, `SELECT v FROM "s.t" ORDER BY id`), "\n", " ")
			assert.Equal(t, test.want, got)
		})
	}
}

func TestDeclaredColumnsWidenBetweenRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	table := func(columns ...schema.Column) []*schema.Table {
		return []*schema.Table{{Schema: "s", Name: "t", Columns: append([]schema.Column{{Name: "id", Type: schema.TypeInt, PrimaryKey: true}}, columns...)}}
	}
	require.NoError(t, w.Declare(table(schema.Column{Name: "n", Type: schema.TypeShort}, schema.Column{Name: "b", Type: schema.TypeBinary})))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"id":1,"n":7,"b":"AP8="}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1 7 00FF", rows(t, w, `SELECT id, n, hex(b) FROM "s.t"`))

	w = open(t, path)
	require.NoError(t, w.Declare(table(schema.Column{Name: "n", Type: schema.TypeLong}, schema.Column{Name: "b", Type: schema.TypeString}, schema.Column{Name: "new", Type: schema.TypeJSON})))
	assert.Equal(t, "1 7 AP8= <nil>", rows(t, w, `SELECT id, n, b, new FROM "s.t"`))
	assert.Equal(t, schema.TypeShort, w.Tables()[0].Columns[1].Widened)
	assert.True(t, w.Tables()[0].Columns[3].New)

	assert.ErrorContains(t, w.Declare([]*schema.Table{{Schema: "s", Name: "t", Columns: []schema.Column{{Name: "n", Type: schema.TypeLong, PrimaryKey: true}}}}),
		"its primary key is [n], and that of the warehouse [id]: reset the warehouse")
}

func TestAFileOfSomeoneElseIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	conn, err := sqlite3.Open("file:" + path)
	require.NoError(t, err)
	require.NoError(t, conn.Exec("CREATE TABLE mine (x)"))
	require.NoError(t, conn.Close())
	_, err = warehouse.Open(path, warehouse.SourceNames)
	require.ErrorContains(t, err, "it was not made by this version of penstock: reset it")
	_, err = warehouse.OpenReadOnly(path)
	require.ErrorContains(t, err, "it was not made by this version of penstock: reset it")
}

func TestADecimalIsANumber(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	require.NoError(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"total":"1.2.3"}`)))
	assert.Equal(t, schema.TypeString, w.Tables()[0].Columns[1].Type)
}

func TestFaultsOfRowsAreNamed(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Declare([]*schema.Table{orders}))
	for op, want := range map[stdin.Op]string{
		stdin.Upsert: "table shop.orders: a row without a value in column id of the primary key",
		stdin.Update: "table shop.orders: a row without a value in column id of the primary key",
		stdin.Delete: "table shop.orders: a row without a value in column id of the primary key",
	} {
		assert.ErrorContains(t, w.Apply(op, "shop", "orders", []byte(`{"note":"x","id":null}`)), want)
	}
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"Note":"x"}`)), "columns note and Note are both Note in the warehouse")
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "Orders", []byte(`{"id":1}`)), "tables shop.orders and shop.Orders are both shop.Orders in the warehouse")
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "shop", "orders", []byte(`{"id":1,"_fivetran_synced":"x"}`)), "has the name of one that platforms add")
}

func TestPlatformNamesFollowThePlatformsRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w, err := warehouse.Open(path, warehouse.PlatformNames)
	require.NoError(t, err)
	require.NoError(t, w.Apply(stdin.Upsert, "myShop", "_OrderLines", []byte(
		`{"userData":1,"user.name":2,"address_line1":3,"Größe":4,"__a--b":5,"ID":6,"2nd":7,"a b":8}`)))
	var names []string
	for _, c := range w.Tables()[0].Columns {
		names = append(names, c.Name)
	}
	assert.Equal(t, "my_shop.order_lines", w.Tables()[0].Name)
	assert.Equal(t, []string{"user_data", "user_name", "address_line_1", "grosse", "_a_b", "id", "2_nd", "a_b"}, names)
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "myShop", "_OrderLines", []byte(`{"user_data":1}`)), "columns userData and user_data are both user_data")
	require.NoError(t, w.Commit([]byte(`{}`)))
	require.NoError(t, w.Close())
	_, err = warehouse.Open(path, warehouse.SourceNames)
	assert.ErrorContains(t, err, "its names are of the naming platform; reset it")
}

// Rows are written several at a time. However operations, new columns, wider
// types, commits and rollbacks follow one another, what is there is what it would
// be if each was done at once.
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

func TestNamesWithDotsAreNotTakenForOneAnother(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "a.b", "c", []byte(`{"x":1}`)))
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "a", "b.c", []byte(`{"x":1}`)), "table c of schema a.b and table b.c of schema a are both a.b.c")
}

func TestNamesWithNULAreRefused(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"b\u0000c":1}`)), `the name of column "b\x00c" has a NUL`)
	assert.ErrorContains(t, w.Apply(stdin.Upsert, "s\x00", "t", []byte(`{"b":1}`)), "has a NUL")
	require.NoError(t, w.Apply(stdin.Upsert, "s", "u", []byte(`{"b":"a\u0000b"}`)))
}

func TestTheSameValuesHaveTheSameIdentity(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	for _, row := range []string{`{"a":"é","j":{"k":1,"l":"x"}}`, `{"a":"\u00e9","j":{"k": 1,"l":"x"}}`, `{"j":{"l":"\u0078","k":1},"a":"é"}`} {
		require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(row)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1", rows(t, w, `SELECT count(*) FROM "s.t"`))
}

func TestAMemberThatComesTwiceIsTheLastOne(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "warehouse.db"))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":"x","b":1,"a":null,"b":2}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "<nil> 2", rows(t, w, `SELECT a, b FROM "s.t"`))
	assert.EqualValues(t, 1, w.Tables()[0].Columns[1].Filled)
}

func TestWideTablesAndManyTablesCanBeCompared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	var wide []string
	for i := range 1200 {
		wide = append(wide, fmt.Sprintf(`"c%d":%d`, i, i))
	}
	row := []byte("{" + strings.Join(wide, ",") + "}")
	require.NoError(t, w.Apply(stdin.Upsert, "s", "wide", row))
	require.NoError(t, w.Commit([]byte(`{}`)))
	older := filepath.Join(t.TempDir(), "older.db")
	require.NoError(t, warehouse.Settle(path))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(older, text, 0o600))
	require.NoError(t, w.Declare([]*schema.Table{{Schema: "s", Name: "new", Columns: []schema.Column{{Name: "no.1", Type: schema.TypeLong, PrimaryKey: true}}}}))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "new", []byte(`{"no.1":1}`)))
	for i := range 600 {
		require.NoError(t, w.Apply(stdin.Upsert, "s", fmt.Sprint("t", i), []byte(`{"a":1}`)))
	}
	require.NoError(t, w.Commit([]byte(`{}`)))
	changes, err := w.Diff(older)
	require.NoError(t, err)
	assert.Zero(t, changes[0].Added)
	assert.Zero(t, changes[0].Changed)
	assert.Zero(t, changes[0].Gone)
	assert.EqualValues(t, 1, changes[1].Added)
	count := 0
	for _, err := range w.Overview().Rows {
		require.NoError(t, err)
		count++
	}
	assert.Equal(t, 602, count)
}

func TestASchemaWithVeryManyTablesMakesSomeOfThemWithTheirFirstRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	var tables []*schema.Table
	for i := range 1200 {
		tables = append(tables, &schema.Table{Schema: "s", Name: fmt.Sprint("t", i), Columns: []schema.Column{
			{Name: "id", Type: schema.TypeLong, PrimaryKey: true}, {Name: "n", Type: schema.TypeShort},
		}})
	}
	made := func() string { return rows(t, w, `SELECT count(*) FROM sqlite_schema WHERE name LIKE 's.%'`) }
	require.NoError(t, w.Declare(tables))
	assert.Equal(t, "1000", made())
	for _, table := range []string{"t0", "t1100"} {
		for _, op := range []stdin.Op{stdin.Truncate, stdin.Delete, stdin.Update, stdin.Upsert, stdin.Update} {
			row := `{"id":1,"n":2,"new":3}`
			if op == stdin.Delete {
				row = `{"id":1}`
			}
			require.NoError(t, w.Apply(op, "s", table, []byte(row)))
		}
	}
	assert.Equal(t, "1001", made())
	require.NoError(t, w.Rollback())
	assert.Equal(t, "1000", made())
	require.NoError(t, w.Apply(stdin.Update, "s", "t1100", []byte(`{"id":1,"n":2}`)))
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t1101", []byte(`{"id":1,"n":70000}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	assert.Equal(t, "1002", made())
	assert.Equal(t, "1 70000", rows(t, w, `SELECT id, n FROM "s.t1101"`))
	assert.Equal(t, "0", rows(t, w, `SELECT count(*) FROM "s.t1100"`))
	assert.Equal(t, warehouse.Counts{Truncates: 1, Deletes: 1, Updates: 3, Upserts: 1, Missed: 3}, w.Tables()[1100].Counts)
	count, err := w.Live(w.Tables()[1199])
	require.NoError(t, err)
	assert.Zero(t, count)

	again := open(t, path)
	require.NoError(t, again.Declare(tables))
	assert.Len(t, again.Tables(), 1200)
	assert.Equal(t, "1 70000", rows(t, again, `SELECT id, n FROM "s.t1101"`))
}

func TestAFileThatAKilledProcessLeftCanBeLookedAt(t *testing.T) {
	dir := t.TempDir()
	conn, err := sqlite3.Open("file:" + filepath.Join(dir, "begun.db"))
	require.NoError(t, err)
	defer func() { assert.NoError(t, conn.Close()) }()
	require.NoError(t, conn.Exec(`PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; VACUUM; BEGIN; CREATE TABLE t (x);
		INSERT INTO t SELECT zeroblob(100000) FROM generate_series(1, 10)`))
	// What is beside the file takes back what the transaction wrote.
	killed := filepath.Join(t.TempDir(), "warehouse.db")
	for from, to := range map[string]string{"begun.db": killed, "begun.db-journal": killed + "-journal"} {
		text, err := os.ReadFile(filepath.Join(dir, from))
		require.NoError(t, err)
		require.NotEmpty(t, text)
		require.NoError(t, os.WriteFile(to, text, 0o600))
	}
	w, err := warehouse.OpenReadOnly(killed)
	require.NoError(t, err)
	assert.Empty(t, rows(t, w, "SELECT * FROM sqlite_schema"))
	assert.Empty(t, w.Tables())
	require.NoError(t, w.Close())
}

func TestAQueryWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "warehouse.db")
	w := open(t, path)
	require.NoError(t, w.Apply(stdin.Upsert, "s", "t", []byte(`{"a":1}`)))
	require.NoError(t, w.Commit([]byte(`{}`)))
	looking, err := warehouse.OpenReadOnly(path)
	require.NoError(t, err)
	for _, sql := range []string{`DELETE FROM s.t`, `PRAGMA user_version = 7`, `DROP TABLE s.t`} {
		_, err := looking.Query(sql)
		assert.ErrorContains(t, err, "the statement writes", sql)
	}
	found, err := looking.Query("ATTACH '" + filepath.Join(filepath.Dir(path), "new.db") + "' AS other")
	if err == nil {
		for _, err = range found.Rows {
		}
	}
	assert.Error(t, err)
	assert.NoFileExists(t, filepath.Join(filepath.Dir(path), "new.db"))
	require.NoError(t, looking.Close())
}
