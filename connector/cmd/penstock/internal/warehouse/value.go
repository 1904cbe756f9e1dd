package warehouse

import (
	"bytes"
	"math"
	"strconv"

	"github.com/ncruces/go-sqlite3"

	"github.com/penstock-sdk/penstock/schema"
)

// stored returns the type with which values of a column are read. SQLite stores a FLOAT
// as a DOUBLE, with its range and digits.
func stored(t schema.Type) schema.Type {
	if t == schema.TypeFloat {
		return schema.TypeDouble
	}
	return t
}

// fits reports whether a column can store a value unchanged.
func fits(c *schema.Cell) bool {
	return c.Kind != schema.CellMisfit && (c.Kind != schema.CellFloat || keepsWhole(c.Raw, c.Float))
}

// keepsWhole reports whether a float keeps all digits of an integer, so that an
// identifier does not change. It returns true for other numbers.
func keepsWhole(digits []byte, f float64) bool {
	if len(digits) < 16 || bytes.ContainsAny(digits, ".eE") {
		return true
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return err == nil && n > -1<<62 && n < 1<<62 && int64(f) == n
}

// bindCell binds a value that fits its column to a parameter of a statement.
func bindCell(s *sqlite3.Stmt, parameter int, c *schema.Cell) error {
	switch c.Kind {
	case schema.CellBool:
		return s.BindBool(parameter, c.Bool)
	case schema.CellInt:
		return s.BindInt64(parameter, c.Int)
	case schema.CellFloat:
		return s.BindFloat(parameter, c.Float)
	case schema.CellText, schema.CellJSON:
		return s.BindRawText(parameter, c.Bytes)
	case schema.CellBytes:
		return s.BindBlob(parameter, c.Bytes)
	}
	return s.BindNull(parameter)
}

// wider returns a type that holds the values of type t and a value that does not fit t.
func wider(t schema.Type, c *schema.Cell) schema.Type {
	of := c.Inferred()
	order := map[schema.Type]int{schema.TypeShort: 1, schema.TypeInt: 2, schema.TypeLong: 3, schema.TypeFloat: 4, schema.TypeDouble: 4, schema.TypeDecimal: 5}
	if order[t] == 0 || order[of] == 0 {
		return schema.TypeString
	}
	switch {
	case t == schema.TypeShort && of == schema.TypeLong:
		if n, err := strconv.ParseInt(string(c.Raw), 10, 64); err == nil && n >= math.MinInt32 && n <= math.MaxInt32 {
			return schema.TypeInt
		}
	case order[t] == 4:
		return schema.TypeDecimal // it holds numbers that DOUBLE does not
	}
	if of == schema.TypeDouble && order[t] == 3 {
		return schema.TypeDecimal // it keeps all digits of a LONG
	}
	if order[of] > order[t] {
		return of
	}
	return schema.TypeString
}
