package runcredential_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/runcredential"
)

func TestASecretReachesTheRunOfTheContext(t *testing.T) {
	var got []any
	ctx := runcredential.With(t.Context(), func(owner any, secrets ...string) { got = append(got, owner, secrets) })
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	runcredential.Hide(ctx, 1, "a", "b")
	runcredential.Hide(t.Context(), 2, "outside a run")
	assert.Equal(t, []any{1, []string{"a", "b"}}, got)
}

func TestTheFirstValueOfAKeyIsSharedWithinARun(t *testing.T) {
	run := func() context.Context { return runcredential.With(t.Context(), func(any, ...string) {}) }
	first, second := run(), run()
	assert.Equal(t, 1, runcredential.Share(first, "k", 1))
	assert.Equal(t, 1, runcredential.Share(first, "k", 2))
	assert.Equal(t, 3, runcredential.Share(first, "other", 3))
	assert.Equal(t, 4, runcredential.Share(second, "k", 4))
	assert.Equal(t, 5, runcredential.Share(t.Context(), "k", 5))
	assert.Equal(t, 6, runcredential.Share(t.Context(), "k", 6))
}
