package transport

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fixable is an error in the configuration.
type fixable struct{}

func (fixable) Error() string { return "fixable" }

func (fixable) Configuration() bool { return true }

// passing is a temporary error.
type passing struct{}

func (passing) Error() string { return "passing" }

func (passing) Temporary() bool { return true }

func TestTheKindOfAnErrorIsThatOfItsCause(t *testing.T) {
	assert.Equal(t, configuration, kindOf(fmt.Errorf("x: %w", fixable{}), defect))
	assert.Equal(t, temporary, kindOf(passing{}, defect))
	assert.Equal(t, defect, kindOf(context.Canceled, configuration))
	assert.Equal(t, temporary, kindOf(fmt.Errorf("%w: %w", context.DeadlineExceeded, ErrTimeout), configuration))
	assert.Equal(t, configuration, kindOf(errors.New("x"), configuration))
}
