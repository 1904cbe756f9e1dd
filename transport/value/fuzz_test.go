package value_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/penstock-sdk/penstock/transport/value"
)

// FuzzParseTime parses any text. A time that is printed is parsed as the same time.
func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2024-05-01T12:30:15Z", "1714566615", "1714566615.5", "", "+", ".", "Wed, 01 May 2024 12:30:15 GMT", "20240501123015", "202405011230", "2024050112", "20240501123015123"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := value.ParseTime(s)
		if err != nil {
			return
		}
		if digits := strings.TrimSpace(s); len(digits) >= 12 && strings.Trim(digits, "0123456789") == "" && digits >= "19" && digits < "21" {
			layout := "20060102150405"
			if calendar, err := time.Parse(layout[:min(len(digits)/2*2, 14)], digits[:min(len(digits)/2*2, 14)]); err == nil && len(digits) != 13 && !got.Truncate(time.Second).Equal(calendar) {
				t.Fatalf("%q is %v, and not %v", s, got, calendar)
			}
		}
		again, err := value.ParseTime(got.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(got) {
			t.Fatalf("%q: %v, again %v, %v", s, got, again, err)
		}
	})
}

// FuzzParseNumber parses any text. Every number is valid JSON and exact.
func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"1,234.50", "(1)", "-", "5-", "1 234", "\u22121", "1.", ".5", "00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, mark := range []rune{'.', ','} {
			n, err := value.ParseNumber(s, mark)
			if err != nil {
				continue
			}
			if !json.Valid([]byte(n)) {
				t.Fatalf("%q: %q is not a JSON number", s, n)
			}
			if _, ok := new(big.Rat).SetString(string(n)); !ok {
				t.Fatalf("%q: %q", s, n)
			}
		}
	})
}
