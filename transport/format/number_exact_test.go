package format_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/internal/knownfault"
	"github.com/penstock-sdk/penstock/schema"
	"github.com/penstock-sdk/penstock/transport/format"
)

// decodeOne decodes the first record of a JSON array.
func decodeOne[T any](t testing.TB, text string) (T, error) {
	t.Helper()
	for record, err := range format.Decode[T](strings.NewReader(text), format.JSON{}) {
		return record, err
	}
	require.Fail(t, "there is no record", text)
	panic("not reached")
}

// RFC 8259 §6 has one kind of number: 100, 100.0 and 1e2 are the same.
func TestAnIntegerIsReadHoweverItIsWritten(t *testing.T) {
	type integer struct {
		N int64 `json:"n"`
	}
	knownfault.Run(t, []string{"100.0", "1e3", "1.5e1", "-7.00", "9007199254740993.0"}, func(t *knownfault.T) {
		for digits, want := range map[string]int64{
			"100.0": 100, "1e3": 1000, "1.5e1": 15, "-7.00": -7, "9007199254740993": 9007199254740993, "9007199254740993.0": 9007199254740993,
		} {
			t.Run(digits, func(t *knownfault.T) {
				got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
				require.NoError(t, err)
				assert.Equal(t, want, got.N)
			})
		}
		for _, digits := range []string{"100.5", "1e-1", "1e300"} {
			t.Run(digits, func(t *knownfault.T) {
				got, err := decodeOne[integer](t, `[{"n":`+digits+`}]`)
				assert.Error(t, err, "read as %d", got.N)
			})
		}
	})
}

func TestADecimalKeepsItsDigits(t *testing.T) {
	got, err := decodeOne[struct{ D schema.Decimal }](t, `[{"d":"19.90"}]`)
	require.NoError(t, err)
	assert.Equal(t, schema.Decimal("19.90"), got.D)
}
