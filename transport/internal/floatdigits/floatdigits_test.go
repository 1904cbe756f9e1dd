package floatdigits

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func survive(t *testing.T, number string, bits int) bool {
	t.Helper()
	f, err := strconv.ParseFloat(number, bits)
	require.NoError(t, err)
	return Survive([]byte(number), f, bits)
}

func TestTheDigitsOfANumberThatAFloatCannotHoldDoNotSurvive(t *testing.T) {
	for _, number := range []string{
		"12345678901234562.89", "-12345678901234562.89", "1.234567890123456289e16", "9007199254740993", "12345678901234567", "1152921504606846976",
		"36028797018963968", "99999999999999999.99", "0.1234567890123456789", "123456789012345678901234567890", "0.00000000000000000001234567890123456789",
		"0.1000000000000000001", "1.0000000000000000001e-400",
	} {
		assert.False(t, survive(t, number, 64), number)
	}
	for _, number := range []string{"16777217", "1234567.89", "8589973000", "0.123456789"} {
		assert.False(t, survive(t, number, 32), number)
		assert.True(t, survive(t, number, 64), number)
	}
}

func TestTheDigitsOfOtherNumbersSurvive(t *testing.T) {
	for _, number := range []string{
		"0", "-0", "0.1", "1.10", "1.1000000000000000000000", "100000000000000000000000000", "1e300", "000.1e+1", "0.0000000000000000000000000000001", "0.000000000000000000000000",
		"123456789012.345", "999999999999999", "9007199254740992", "1234567890123456000000", "12345678901234568", "0.30000000000000004", "5e-324",
		"0.10000000000000001", "52.520006600000002", "1.7976931348623157e308", "1.2E+2", "110e-2",
	} {
		assert.True(t, survive(t, number, 64), number)
	}
	for _, number := range []string{"0.1", "0.100000001", "16777216", "123456", "1.5000000000000000", "3.4028235e38"} {
		assert.True(t, survive(t, number, 32), number)
	}
	for _, text := range []string{"", "-", "NaN", "1.2.3456789012345678901", "12345678901234567e", "12345678901234567e+", "12345678901234567x", "12345678901234567e1x", "...................."} {
		assert.True(t, Survive([]byte(text), 0, 64), text)
	}
}

func TestARunOfDigitsIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "123": "", "1234": "1234", "x1234": "1234", "123x1234y": "1234", "12x34x123456": "123456", "a12.45,": "12.45", "abc1234": "1234", "abcd12345abcd": "12345", "12 12 123 1 1234": "1234",
	} {
		start, end := NextRun([]byte(text), 0, 4)
		got := ""
		if start >= 0 {
			got = text[start:end]
		}
		assert.Equal(t, want, got, text)
	}
	start, _ := NextRun([]byte("1234 x"), 2, 4)
	assert.Equal(t, -1, start)
}

// A number whose digits survive is the number that is written for the float, and a run is
// found wherever it is.
func FuzzSurvive(f *testing.F) {
	for _, seed := range []string{"12345678901234562.89", "0.1", "1e22", "9007199254740993", "-1.10e-5", "0.10000000000000001"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, number string) {
		if len(number) > 100 || strings.Trim(number, "-0123456789.eE+") != "" {
			return
		}
		exact, ok := new(big.Rat).SetString(number)
		for _, bits := range []int{32, 64} {
			v, err := strconv.ParseFloat(number, bits)
			if !ok || err != nil || strings.HasPrefix(number, "+") || !Survive([]byte(number), v, bits) {
				continue
			}
			if d, ok := parse([]byte(number)); !ok || d.count <= Safe(bits) {
				continue
			}
			short, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'e', -1, bits))
			long, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'e', map[int]int{32: 8, 64: 16}[bits], bits))
			require.True(t, exact.Cmp(short) == 0 || exact.Cmp(long) == 0 && !exact.IsInt(), number)
		}
		start, end := NextRun([]byte(number), 0, 5)
		want := ""
		for run := range strings.FieldsFuncSeq(number, func(r rune) bool { return !inNumber(byte(r)) }) {
			if len(run) >= 5 {
				want = run
				break
			}
		}
		if start < 0 {
			require.Empty(t, want)
		} else {
			require.Equal(t, want, number[start:end])
		}
	})
}

func BenchmarkSurvive(b *testing.B) {
	for _, number := range []string{"1.25", "52.520006600000002", "0.30000000000000004"} {
		b.Run(number, func(b *testing.B) {
			f, _ := strconv.ParseFloat(number, 64)
			text := []byte(number)
			for b.Loop() {
				Survive(text, f, 64)
			}
		})
	}
}
