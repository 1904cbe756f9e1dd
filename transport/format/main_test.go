package format_test

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/penstock-sdk/penstock/transport/format"
	"github.com/penstock-sdk/penstock/transport/internal/transporttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// decodeString decodes all records in a string.
func decodeString[T any](text string, f format.Format) ([]T, error) {
	return transporttest.Collect(format.Decode[T](strings.NewReader(text), f))
}

// decodeBytes decodes all records of a file.
func decodeBytes[T any](data []byte, f format.Format) ([]T, error) {
	return transporttest.Collect(format.Decode[T](bytes.NewReader(data), f))
}
