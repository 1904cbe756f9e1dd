package value_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport/value"
)

func TestParseNumberKeepsAllDigits(t *testing.T) {
	for in, want := range map[string]string{
		"1234.50": "1234.50", "1,234.50": "1234.50", "1 234 567": "1234567", "-5": "-5", "5-": "-5", "(1,000.00)": "-1000.00", "+7": "7", "\u22123": "-3", ".5": "0.5", "007": "7", "0": "0",
		"1'234.5": "1234.5", "1\u202f234": "1234", "9007199254740993": "9007199254740993", "00.10": "0.10",
	} {
		got, err := value.ParseNumber(in, '.')
		assert.NoError(t, err, in)
		assert.Equal(t, want, string(got), in)
	}
	got, err := value.ParseNumber("1.234.567,80", ',')
	require.NoError(t, err)
	assert.Equal(t, "1234567.80", string(got))
}

func TestTextThatIsNotANumberIsAnError(t *testing.T) {
	for _, in := range []string{"", "-", ".", "1.", "1,23", "12,34,567", "1,234 567", "1.2.3", "1e5", "€5", "5 EUR", ",123", "--5", "0x1", "NaN", "1234,567"} {
		_, err := value.ParseNumber(in, '.')
		assert.Error(t, err, in)
	}
}

func TestADecimalMarkOtherThanAPointOrACommaIsAnError(t *testing.T) {
	_, err := value.ParseNumber("1", ';')
	assert.Error(t, err)
}
