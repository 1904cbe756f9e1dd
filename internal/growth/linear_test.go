//go:build !race

package growth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/internal/growth"
)

// report keeps whether a test has failed.
type report struct {
	testing.TB
	failed bool
}

func (*report) Helper() {}

func (r *report) Errorf(string, ...any) { r.failed = true }

var sink int

func spin(n int) {
	for i := range n {
		sink += i
	}
}

func TestOnlyGrowthThatIsFasterThanLinearFails(t *testing.T) {
	for name, c := range map[string]struct {
		steps func(n int) int
		fails bool
	}{
		"constant":  {func(int) int { return 20_000 }, false},
		"linear":    {func(n int) int { return 200 * n }, false},
		"quadratic": {func(n int) int { return 2 * n * n }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report{TB: t}
			growth.AssertLinear(r, 100, func(n int) func() { return func() { spin(c.steps(n)) } })
			assert.Equal(t, c.fails, r.failed)
		})
	}
}

func TestATimeThatGrowsIsNotConstant(t *testing.T) {
	for name, c := range map[string]struct {
		steps func(n int) int
		fails bool
	}{
		"constant": {func(int) int { return 20_000 }, false},
		"linear":   {func(n int) int { return 500 * n }, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report{TB: t}
			growth.AssertConstant(r, 10, 500, func(n int) time.Duration {
				began := growth.ProcessorTime()
				spin(c.steps(n))
				return growth.ProcessorTime() - began
			})
			assert.Equal(t, c.fails, r.failed)
		})
	}
}
