package userwarning_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/userwarning"
)

func TestAWarningReachesTheFunctionOfTheContext(t *testing.T) {
	var got []string
	ctx := userwarning.With(t.Context(), func(key, message string) { got = append(got, key+": "+message) })
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	userwarning.Warn(ctx, "a", "text")
	assert.Equal(t, []string{"a: text"}, got)
}

func TestAWarningOutsideASyncIsDropped(t *testing.T) {
	userwarning.Warn(t.Context(), "a", "text")
	userwarning.Warn(userwarning.With(t.Context(), nil), "a", "text")
}
