package shop_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/examples/restapi/demoapi/shop"
)

func TestAnOrderThatChangesDuringAWalkMovesToTheEnd(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 50})
	c := serve(t, s)
	all, _ := c.walk("/orders?limit=10", func(page int) {
		switch page {
		case 0:
			s.Touch(3)
			s.Delete(45)
		case 1:
			s.Touch(3)
		}
	})
	require.Len(t, all, 51, "number 3 was also on the first page")
	assert.EqualValues(t, shop.FirstOrderID+45, all[49].ID)
	assert.True(t, all[49].Deleted)
	assert.EqualValues(t, shop.FirstOrderID+3, all[50].ID)
	assert.False(t, all[50].Deleted)
	assert.Panics(t, func() { s.Touch(50) })
}

func TestChangedOrdersAreLastAndFoundByTheirTime(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 100})
	c := serve(t, s)
	all, _ := c.walk("/orders", nothing)
	touched := s.Touch(3)
	deleted := s.Delete(40)
	assert.True(t, touched.After(all[99].UpdatedAt))
	assert.True(t, deleted.After(touched))

	rest, _ := c.walk("/orders?limit=1&updated_since="+touched.Format(time.RFC3339Nano), nothing)
	require.Len(t, rest, 2)
	assert.True(t, rest[0].UpdatedAt.Equal(touched))
	assert.Equal(t, all[3].ID, rest[0].ID)
	assert.NotEqual(t, all[3].Status, rest[0].Status)
	assert.Equal(t, all[3].Total, rest[0].Total)
	assert.False(t, rest[0].Deleted)
	assert.True(t, rest[1].Deleted)
	rest, _ = c.walk("/orders?updated_since="+deleted.Format(time.RFC3339Nano), nothing)
	assert.Len(t, rest, 1)

	require.True(t, all[7].Deleted, "from the start")
	for _, number := range []int{7, 40} {
		s.Touch(number)
		rest, _ = c.walk("/orders?updated_since="+s.Touch(number).Format(time.RFC3339Nano), nothing)
		require.Len(t, rest, 1)
		assert.True(t, rest[0].Deleted, "a deleted order remains deleted")
	}
	all, _ = c.walk("/orders?limit=1", nothing)
	assert.Len(t, all, 100)
}

func TestAnOrderThatChangesRepeatedlyIsListedOnce(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 10})
	c := serve(t, s)
	var last time.Time
	for range 1000 {
		now := s.Touch(5)
		require.True(t, now.After(last))
		last = now
		s.Touch(6)
	}
	all, _ := c.walk("/orders?limit=1", nothing)
	require.Len(t, all, 10)
	assert.True(t, all[8].UpdatedAt.Equal(last))
}

func TestNoOrderIsMissedWhileOrdersChange(t *testing.T) {
	s := shop.New(shop.Config{APIKey: "k", Orders: 500})
	c := serve(t, s)
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range 500 {
			s.Touch(i)
		}
	})
	seen := map[int64]bool{}
	during, _ := c.walk("/orders?limit=50", nothing)
	for _, o := range during {
		seen[o.ID] = true
	}
	assert.Len(t, seen, 500, "a moving order is not missed")
	wait.Wait()
	all, _ := c.walk("/orders", nothing)
	assert.Len(t, all, 500)
}
