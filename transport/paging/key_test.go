package paging

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKeysAreComparedExactlyOrNotAtAll(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want certainty // of a < b
	}{
		{`1`, `2`, certain},
		{`-2`, `-1`, certain},
		{`9`, `10`, certain},
		{`9007199254740992`, `9007199254740993`, certain},
		{`18446744073709551615`, `18446744073709551616`, certain},
		{`1.10`, `1.2`, certain},
		{`0`, `0.000001`, certain},
		{`-0.5`, `0`, certain},
		{`9e2`, `1000`, certain},
		{`1e-400`, `1e400`, certain},
		{`1`, `1e99999999999999999999`, unknown},
		{`"10"`, `"11"`, certain},
		{`"0009"`, `"0010"`, certain},
		{`"9"`, `"10"`, unknown}, // as a text or as a number
		{`"a"`, `1`, unknown},
		{`[1]`, `[2]`, unknown},
		{`"2024-05-01"`, `"2024-05-02"`, certain},
		{`"2024-05-01T10:00:00Z"`, `"2024-05-01T10:00:01Z"`, certain},
		{`"2024-05-01 10:00:00.5"`, `"2024-05-02 09:00:00.4"`, certain},
		{`"2024-05-01T10:00:00+02:00"`, `"2024-05-01T09:00:00Z"`, unknown}, // as a text or as an instant
		{`"2024-05-01T10:00:00Z"`, `"2024-05-01T10:00:00.5Z"`, unknown},
		{`"2024-05-01T10:00:00+0000"`, `"2024-05-01T10:00:01+0000"`, certain},
		{`"31.01.2024"`, `"01.02.2024"`, unknown},
		{`"01.01.2024"`, `"02.01.2024"`, unknown},
		{`"30 Jan 2024"`, `"31 Jan 2024"`, unknown},
		{`"1.9.0"`, `"2.0.0"`, unknown},
		{`"order-0041"`, `"order-0102"`, certain},
		{`"order-9"`, `"order-10"`, unknown},
		{`"anna"`, `"bert"`, plausible},
		{`"Anna"`, `"bert"`, plausible},
		{`"Zoe"`, `"anna"`, unknown},
		{`"de luca"`, `"demir"`, plausible},
		{`"de luge"`, `"delta"`, unknown}, // collations ignore the space at first
		{`"zebra"`, `"äpfel"`, unknown},
		{`"01ARZ3NDEKTSV4RRFFQ69G5FAV"`, `"01BX5ZZKBKACTAV9WEVGEMMVRZ"`, plausible},
		{`"0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"`, `"0189f7ea-ae2f-7809-8aeb-b819cf5e9e7f"`, unknown},
	} {
		c, sure := compareKeys(json.RawMessage(tt.a), json.RawMessage(tt.b))
		assert.Equal(t, tt.want, sure, "%s and %s", tt.a, tt.b)
		if sure != unknown {
			assert.Equal(t, -1, c, "%s and %s", tt.a, tt.b)
		}
		back, sureBack := compareKeys(json.RawMessage(tt.b), json.RawMessage(tt.a))
		assert.Equal(t, sure, sureBack, "%s and %s", tt.b, tt.a)
		assert.Equal(t, -c, back, "%s and %s", tt.b, tt.a)
	}
	for _, key := range []string{`1`, `"a"`, `[1,2]`, `null`} {
		c, sure := compareKeys(json.RawMessage(key), json.RawMessage(key))
		assert.Zero(t, c)
		assert.Equal(t, certain, sure)
	}
	c, sure := compareKeys(json.RawMessage(`1.0`), json.RawMessage(`10e-1`))
	assert.Zero(t, c)
	assert.Equal(t, certain, sure)
}

func FuzzCompareKeys(f *testing.F) {
	for _, text := range []string{`1`, `-1.50`, `1e3`, `"10"`, `"2024-05-01"`, `"a-1"`, `"\u00e4"`, `null`, `""`, `"`, `1e`, `-`} {
		for _, other := range []string{`2`, `"9"`, `"a-2"`, `1.5e0`} {
			f.Add(text, other)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		c, sure := compareKeys(json.RawMessage(a), json.RawMessage(b))
		back, sureBack := compareKeys(json.RawMessage(b), json.RawMessage(a))
		if c != -back || sure != sureBack {
			t.Fatalf("%s and %s: %d (%d), the other way round %d (%d)", a, b, c, sure, back, sureBack)
		}
		if !json.Valid([]byte(a)) || !json.Valid([]byte(b)) || len(a) > 30 || len(b) > 30 || strings.ContainsAny(a+b, `"[{`) || sure != certain || a == b {
			return
		}
		ratA, okA := new(big.Rat).SetString(shortExponent(a))
		ratB, okB := new(big.Rat).SetString(shortExponent(b))
		if okA && okB && ratA.Cmp(ratB) != c {
			t.Fatalf("%s and %s: %d, want %d", a, b, c, ratA.Cmp(ratB))
		}
	})
}

// shortExponent returns "" for a number whose exponent would make a big.Rat huge.
func shortExponent(text string) string {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if len(exponent) > 4 {
		return ""
	}
	return text
}

func TestAnIntegerMayBeWrittenWithAFractionOrAnExponent(t *testing.T) {
	for text, want := range map[string]int{"5": 5, "5.0": 5, "5e0": 5, "5E+1": 50, " 7 ": 7, "-1": -1, "-1.0": -1, "0.0": 0, "1e4": 10000, "30e-1": 3} {
		n, ok := integerText(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "5.5", "1,005", "1_000", "0x10", "inf", "nan", "1e30", "1e", "e", "five", "true"} {
		_, ok := integerText(text)
		assert.False(t, ok, text)
	}
}

func FuzzIntegerText(f *testing.F) {
	for _, text := range []string{"5", "5.0", "5e0", "0x1p4", "1e999", "-", "1,5", "nan"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := integerText(text)
		if !ok || !json.Valid([]byte(text)) || shortExponent(text) == "" {
			return
		}
		if r, valid := new(big.Rat).SetString(text); valid && r.Cmp(new(big.Rat).SetInt64(int64(n))) != 0 {
			t.Fatalf("%q is %d", text, n)
		}
	})
}
