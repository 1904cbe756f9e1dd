package hosttest

import (
	"fmt"

	"github.com/penstock-sdk/penstock/connector/host"
)

// A change is an operation on a table. Its row is JSON.
type change struct {
	op    host.OperationKind
	table string
	row   string
}

func (ch change) String() string { return fmt.Sprintf("%v %s %s", ch.op, ch.table, shorten(ch.row)) }

// shorten limits the length of text in a message.
func shorten(s string) string {
	const shown = 200
	if len(s) <= shown {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:shown], len(s))
}
