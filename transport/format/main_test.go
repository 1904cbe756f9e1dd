package format_test

import (
	"context"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

func decodeString[T any](text string, f format.Format) ([]T, error) {
	return transporttest.Collect(format.Decode[T](strings.NewReader(text), f))
}
