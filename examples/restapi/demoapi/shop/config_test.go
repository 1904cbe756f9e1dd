package shop_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestValidateListsAllInvalidFields(t *testing.T) {
	require.NoError(t, shop.Config{APIKey: "k", Customers: 1 << 40, Orders: 1 << 40, Faults: 1}.Validate())
	err := shop.Config{Customers: -1, Orders: 1<<40 + 1, Faults: math.NaN()}.Validate()
	assert.EqualError(t, err, `an API key is required
the number of customers is -1; want 0 to 1099511627776
the number of orders is 1099511627777; want 0 to 1099511627776
the share of faults is NaN; want 0 to 1`)
	assert.PanicsWithValue(t, "shop: an API key is required", func() { shop.New(shop.Config{}) })
}
