package shop_test

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestRunsOfEqualTimesHaveOneToSevenOrders(t *testing.T) {
	all, _ := serve(t, shop.New(shop.Config{APIKey: "k", Orders: 300})).walk("/orders", nothing)
	lengths := map[int]bool{}
	for run := 0; run < len(all); {
		next := run + 1
		for next < len(all) && all[next].UpdatedAt.Equal(all[run].UpdatedAt) {
			next++
		}
		lengths[next-run] = true
		run = next
	}
	assert.Equal(t, map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true}, lengths)
}

func TestTotalsAreTheSumOfTheItems(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 10, Orders: 200, Seed: 3}))
	all, _ := c.walk("/orders", nothing)
	zeros := 0
	for _, o := range all {
		sum := new(big.Rat)
		for _, item := range o.Items {
			price, ok := new(big.Rat).SetString(item.Price)
			require.True(t, ok)
			sum.Add(sum, price.Mul(price, big.NewRat(item.Quantity, 1)))
		}
		assert.Equal(t, sum.FloatString(2), o.Total)
		if strings.HasSuffix(o.Total, "0") {
			zeros++
		}
	}
	assert.Positive(t, zeros)
}

func TestTheSeedDeterminesTheRows(t *testing.T) {
	config := shop.Config{APIKey: "k", Customers: 50, Orders: 50, Seed: 1}
	one, same := serve(t, shop.New(config)), serve(t, shop.New(config))
	config.Seed = 2
	other := serve(t, shop.New(config))
	for _, path := range []string{"/customers", "/orders"} {
		assert.Equal(t, one.page(path), same.page(path))
		assert.NotEqual(t, one.page(path), other.page(path))
	}
}

func TestTextsHaveCharactersThatEncodersEscape(t *testing.T) {
	c := serve(t, shop.New(shop.Config{APIKey: "k", Customers: 1000, Orders: 1000}))
	for _, path := range []string{"/customers?per_page=1000", "/orders?limit=1000"} {
		body := c.page(path)
		for _, part := range []string{"ü", `\"`, "<", ">", "&", "'"} {
			assert.Contains(t, body, part)
		}
	}
}

// TestTimesAreIn2024And2025 reads the last rows, because they have the latest times.
func TestTimesAreIn2024And2025(t *testing.T) {
	at := regexp.MustCompile(`_at":"202[45]-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)
	for _, rows := range []int{1, 29, 10_000_000, 1_000_000_000, 1 << 40} {
		s := shop.New(shop.Config{APIKey: "k", Customers: rows, Orders: rows})
		c := serve(t, s)
		for range 5 {
			s.Touch(rows - 1)
		}
		touched := s.Touch(0)
		assert.Regexp(t, at, c.page("/orders?limit=1"))
		assert.Regexp(t, at, c.page("/orders?limit=1&updated_since="+touched.Format(time.RFC3339Nano)))
		assert.Regexp(t, at, c.page(fmt.Sprintf("/customers?per_page=1&page=%d", rows)))
	}
}
