package warehouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// A Found is the result of a query.
type Found struct {
	// Columns are the names of the columns.
	Columns []string
	// Rows iterates over the rows, once. A value is nil, an int64, a float64, a string
	// or a []byte. After an error, the iteration ends.
	Rows iter.Seq2[[]any, error]
}

// Query runs one SQL statement, which must not write. The quotes around a table's name
// are optional: shop.orders means "shop.orders".
func (w *Warehouse) Query(sql string) (*Found, error) {
	s, tail, err := w.conn.Prepare(w.qualify(sql))
	if errors.Is(err, sqlite3.AUTH) {
		return nil, errors.New("the statement would write, change a setting or reach another file, but a query only reads the warehouse")
	}
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, errors.New("want one SQL statement, got none")
	}
	switch {
	case strings.Trim(tail, "; \t\r\n") != "":
		err = errors.New("want one SQL statement, got more than one")
	case !s.ReadOnly():
		err = errors.New("the statement would write, but only syncs may change the warehouse")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	f := &Found{}
	for i := range s.ColumnCount() {
		f.Columns = append(f.Columns, s.ColumnName(i))
	}
	f.Rows = func(yield func([]any, error) bool) {
		defer func() { _ = s.Close() }() // Err returns the error
		for s.Step() {
			row := make([]any, len(f.Columns))
			for i := range row {
				row[i] = valueOf(s, i)
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield(nil, err)
		}
	}
	return f, nil
}

func valueOf(s *sqlite3.Stmt, i int) any {
	switch s.ColumnType(i) {
	case sqlite3.INTEGER:
		return s.ColumnInt64(i)
	case sqlite3.FLOAT:
		return s.ColumnFloat(i)
	case sqlite3.TEXT:
		return s.ColumnText(i)
	case sqlite3.BLOB:
		return s.ColumnBlob(i, nil)
	}
	return nil
}

// qualify puts quotes around table names of the form schema.table that are not inside
// quotes or comments.
func (w *Warehouse) qualify(sql string) string {
	var b strings.Builder
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"' || c == '`' || c == '[':
			if c == '[' {
				c = ']'
			}
			end := i + 1
			for end < len(sql) && sql[end] != c {
				end++
			}
			end = min(end+1, len(sql))
			b.WriteString(sql[i:end])
			i = end
		case strings.HasPrefix(sql[i:], "--"):
			end := strings.IndexByte(sql[i:], '\n')
			if end < 0 {
				end = len(sql) - i
			}
			b.WriteString(sql[i : i+end])
			i += end
		case isWord(rune(c)):
			end := i
			for end < len(sql) && (isWord(rune(sql[end])) || sql[end] >= 0x80) {
				end++
			}
			next := end + 1
			for end < len(sql) && sql[end] == '.' && next < len(sql) && (isWord(rune(sql[next])) || sql[next] >= 0x80) {
				next++
			}
			if end < len(sql) && sql[end] == '.' && w.targets[strings.ToLower(sql[i:next])] != "" {
				b.WriteString(quote(sql[i:next]))
				i = next
				continue
			}
			b.WriteString(sql[i:end])
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// Value returns the value of a query that returns one row with one column.
func (w *Warehouse) Value(sql string) (value any, err error) {
	f, err := w.Query(sql)
	if err != nil {
		return nil, err
	}
	for row, err := range f.Rows {
		if err != nil {
			return nil, err
		}
		value = row[0]
	}
	return value, nil
}

// Live returns the number of rows of a table that are not deleted.
func (w *Warehouse) Live(t *Table) (int64, error) {
	if !t.exists {
		return 0, nil
	}
	n, err := w.Value("SELECT count(*) FROM " + quote(t.Name) + " WHERE NOT " + quote(deletedColumn))
	if err != nil {
		return 0, fmt.Errorf("table %s: %w", t.Source, err)
	}
	count, _ := n.(int64)
	return count, nil
}

// NeverFilled returns the columns, of those given, in which no row has a value. Deleted
// rows count, because their values were delivered.
func (w *Warehouse) NeverFilled(t *Table, columns []*Column) ([]*Column, error) {
	if t.Fresh || !t.exists || len(columns) == 0 {
		return columns, nil
	}
	counts := make([]string, len(columns))
	for i, c := range columns {
		counts[i] = "count(" + quote(c.Name) + ")"
	}
	var empty []*Column
	err := w.each("SELECT "+strings.Join(counts, ", ")+" FROM "+quote(t.Name), nil, func(s *sqlite3.Stmt) error {
		for i, c := range columns {
			if s.ColumnInt64(i) == 0 {
				empty = append(empty, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Source, err)
	}
	return empty, nil
}

// Overview returns a list of the tables with their numbers of rows.
func (w *Warehouse) Overview() *Found {
	return &Found{Columns: []string{"table", "rows", "deleted", "synced"}, Rows: func(yield func([]any, error) bool) {
		for _, t := range w.order {
			row := []any{t.Name, nil, nil, nil}
			err := w.each("SELECT count(*) FILTER (WHERE NOT "+deletedColumn+"), count(*) FILTER (WHERE "+deletedColumn+"), max("+syncedColumn+") FROM "+quote(t.Name), nil, func(s *sqlite3.Stmt) error {
				for i := range 3 {
					row[i+1] = valueOf(s, i)
				}
				return nil
			})
			if !yield(row, err) || err != nil {
				return
			}
		}
	}}
}

// Interrupt makes queries return an error once the context is done.
func (w *Warehouse) Interrupt(ctx context.Context) { w.conn.SetInterrupt(ctx) }
