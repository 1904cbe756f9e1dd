package connector_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/penstock-sdk/penstock/connector"
	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/connector/stdin"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/state"
)

// A Database is a connector for the tables of a database. It knows their columns only
// at run time.
type Database struct{}

func (*Database) Schema(context.Context) (schema.Schema, error) {
	// A real connector reads this from the catalog of the database.
	return schema.New("main", schema.Table{Name: "people", Columns: []schema.Column{
		{Name: "id", Type: schema.TypeLong, PrimaryKey: true},
		{Name: "name", Type: schema.TypeString},
		{Name: "password", Type: schema.TypeString},
		{Name: "born", Type: schema.TypeNaiveDate, Nullable: true},
	}})
}

func (*Database) Test(context.Context) error { return nil }

func (d *Database) Sync(ctx context.Context, _ state.State, out connector.Emitter) error {
	tables, err := d.Schema(ctx)
	if err != nil {
		return err
	}
	for _, table := range tables.Tables() {
		if !out.Selected(table.Name) {
			continue
		}
		if err := syncTable(ctx, table, out); err != nil {
			return err
		}
	}
	return nil
}

// syncTable reads the selected columns of a table. The rows have the methods of
// sql.Rows.
func syncTable(ctx context.Context, table *schema.Table, out connector.Emitter) error {
	columns, err := out.SelectedColumns(table.Name)
	if err != nil {
		return err
	}
	row, err := schema.NewRow(table, columns...)
	if err != nil {
		return err
	}
	rows, err := query(ctx, fmt.Sprintf("SELECT %s FROM %s", strings.Join(columns, ", "), table.Name))
	if err != nil {
		return err
	}
	defer rows.Close()
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		row.Reset()
		for _, v := range values {
			row.Value(v)
		}
		if err := out.Upsert(table.Name, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// A connector for a database queries only the columns that the user has selected, and
// delivers its rows cell by cell.
func ExampleEmitter_SelectedColumns() {
	request := `{"secrets":{},"selection":{"tables":{"main":{"people":{"columns":{"password":false}}}}}}`
	err := stdin.Serve(context.Background(), &Database{}, strings.NewReader(request), os.Stdout, host.LogTo(slog.DiscardHandler))
	fmt.Println("error:", err)
	// Output:
	// SELECT id, name, born FROM people
	// {"type":"RECORD","record":{"main":{"people":{"id":1,"name":"Ada","born":"1815-12-10"}}}}
	// {"type":"RECORD","record":{"main":{"people":{"id":2,"name":"Alan","born":null}}}}
	// {"type":"STATE","state":{}}
	// error: <nil>
}

// query returns the rows of a query. It stands for the method of sql.DB.
func query(_ context.Context, statement string) (*resultRows, error) {
	fmt.Println(statement)
	return &resultRows{rows: [][]any{{int64(1), "Ada", "1815-12-10"}, {int64(2), "Alan", nil}}}, nil
}

// A resultRows is the result of a query.
type resultRows struct {
	rows [][]any
	row  []any
}

func (r *resultRows) Next() bool {
	if len(r.rows) == 0 {
		return false
	}
	r.row, r.rows = r.rows[0], r.rows[1:]
	return true
}

func (r *resultRows) Scan(targets ...any) error {
	if len(targets) != len(r.row) {
		return io.ErrShortBuffer
	}
	for i, target := range targets {
		*target.(*any) = r.row[i]
	}
	return nil
}

func (*resultRows) Err() error { return nil }

func (*resultRows) Close() error { return nil }
