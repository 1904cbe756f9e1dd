package connectortest_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/connectortest"
)

// Package net keeps channels for all lookups. If the first test made them, the second one
// would end the process.
func TestNamesCanBeLookedUpInTestsInVirtualTime(t *testing.T) {
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no network")
	}}
	for range 2 {
		connectortest.At(t, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), func(t *testing.T) {
			t.Helper()
			_, err := resolver.LookupHost(t.Context(), "api.test")
			assert.ErrorContains(t, err, "no network")
		})
	}
}
