package userwarning_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/userwarning"
)

func TestAWarningReachesTheFunctionOfTheContext(t *testing.T) {
	var got []string
	ctx := userwarning.With(t.Context(), func(key, message string, count int) { got = append(got, fmt.Sprintf("%s: %s %d", key, message, count)) })
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	userwarning.Warn(ctx, "a", "text")
	userwarning.WarnTimes(ctx, "a", "text", 1000)
	userwarning.WarnTimes(ctx, "a", "text", 0)
	assert.Equal(t, []string{"a: text 1", "a: text 1000"}, got)
}

func TestTheTextOfAWarningIsBounded(t *testing.T) {
	var key, message string
	ctx := userwarning.With(t.Context(), func(k, m string, _ int) { key, message = k, m })
	userwarning.Warn(ctx, strings.Repeat("k", 1<<20), strings.Repeat("m", 1<<20))
	assert.Less(t, len(key), 1<<10)
	assert.Less(t, len(message), 4<<10)
}

func TestAWarningOutsideASyncIsDropped(t *testing.T) {
	userwarning.Warn(t.Context(), "a", "text")
	userwarning.Warn(userwarning.With(t.Context(), nil), "a", "text")
}
