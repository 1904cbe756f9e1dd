package host

import (
	"github.com/penstock-sdk/penstock/internal/maskedrow"
	"github.com/penstock-sdk/penstock/schema"
)

// A maskCount is the number of values and names of a row that contained a secret.
type maskCount struct {
	all  int
	keys int // values in columns of the primary key
}

// row returns a row with the secrets in it masked, and the number of values and names that
// contained one. Every value still fits the type of its column. Numbers, dates and times
// are not changed: their digits may equal a secret by chance.
func (r *redactor) row(t *schema.Table, row []byte) (masked []byte, count maskCount, err error) {
	typeOf := func(name string) schema.Type {
		column, _ := t.Column(name)
		return column.Type
	}
	masked, err = maskedrow.Row(r.set.Load(), row, typeOf, func(m maskedrow.Member) error {
		count.all += m.Names + m.Values
		if column, _ := t.Column(m.Column); column.PrimaryKey {
			count.keys += m.Values
		}
		return nil
	})
	return masked, count, err
}
