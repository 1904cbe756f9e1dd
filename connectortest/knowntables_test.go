package connectortest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connector/host"
)

func TestTheMessageAboutRefusedRowsIsRecognized(t *testing.T) {
	for _, count := range []int64{1, 2, 12_000} {
		refused := host.RefusedRows{Count: count, First: "table shop.orders, column id: got null"}
		assert.Equal(t, &refused, parseRefused(refused.String()))
	}
	for _, other := range []string{"", "1", "2 rows", "a table has 1 row", "2 row was refused and is not delivered: x"} {
		assert.Nil(t, parseRefused(other), other)
	}
}
