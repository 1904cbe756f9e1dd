package warehouse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// A Found is what a query finds.
type Found struct {
	// Columns are the names of its columns.
	Columns []string
	// Rows are its rows, which can be gone through once. A value is nil, an
	// int64, a float64, a string, or []byte. The error is the last that comes.
	Rows iter.Seq2[[]any, error]
}

// Query runs one statement of SQL that only reads. A table may be named with or
// without quotes: shop.orders is "shop.orders".
func (w *Warehouse) Query(sql string) (*Found, error) {
	s, tail, err := w.conn.Prepare(w.qualify(sql))
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, errors.New("there is no statement")
	}
	switch {
	case strings.Trim(tail, "; \t\r\n") != "":
		err = errors.New("there is more than one statement")
	case !s.ReadOnly():
		err = errors.New("the statement writes; what is in the warehouse comes from the connector alone")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	f := &Found{}
	for i := range s.ColumnCount() {
		f.Columns = append(f.Columns, s.ColumnName(i))
	}
	f.Rows = func(yield func([]any, error) bool) {
		defer func() { _ = s.Close() }() // Err says what went wrong
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

// qualify puts quotes around the names of tables that are written with a dot
// between schema and table, outside of text and comments.
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

// Value returns the only value of a query's only row.
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

// Live returns how many rows of a table are not deleted.
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

// Overview finds the tables that there are.
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

// Interrupt ends queries when a context does.
func (w *Warehouse) Interrupt(ctx context.Context) { w.conn.SetInterrupt(ctx) }
