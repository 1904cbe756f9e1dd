package warehouse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

func quote(name string) string { return sqlite3.QuoteIdentifier(name) }

func quoteAll(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, quote(name))
	}
	return strings.Join(quoted, ", ")
}

func step(s *sqlite3.Stmt) error {
	return errors.Join(s.Exec(), s.ClearBindings())
}

// each calls f for each row of a query.
func (w *Warehouse) each(sql string, args []any, f func(*sqlite3.Stmt) error) (err error) {
	s, _, err := w.conn.Prepare(sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := bindAll(s, args); err != nil {
		return err
	}
	for s.Step() {
		if err := f(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// exec runs a statement once.
func (w *Warehouse) exec(sql string, args ...any) error {
	return w.each(sql, args, func(*sqlite3.Stmt) error { return nil })
}

func bindAll(s *sqlite3.Stmt, args []any) error {
	for i, arg := range args {
		var err error
		switch v := arg.(type) {
		case string:
			err = s.BindText(i+1, v)
		case int:
			err = s.BindInt64(i+1, int64(v))
		case bool:
			err = s.BindBool(i+1, v)
		default:
			err = fmt.Errorf("cannot bind a parameter of type %T", arg)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
