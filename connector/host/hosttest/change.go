package hosttest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
	"github.com/penstock-sdk/penstock/internal/shorten"
)

// A change is an operation on a table. Its row is JSON.
type change struct {
	op    host.OperationKind
	table string
	row   string
}

func (ch change) String() string {
	return fmt.Sprintf("%v %s %s", ch.op, ch.table, shorten.Text(ch.row, shown))
}

// shown is how many bytes of a row or value a message quotes.
const shown = 200
