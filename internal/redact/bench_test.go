package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/penstock-sdk/penstock/internal/redact"
)

// The time for a row must hardly grow with the number of secrets, such as one for each
// account.
func BenchmarkInData(b *testing.B) {
	row := `{"id":123456,"name":"` + strings.Repeat("some text of a row, ", 8) + `","at":"2026-01-01T00:00:00Z","amount":"12.50"}`
	for _, n := range []int{0, 1, 4, 64, 1000} {
		var secrets []string
		for i := range n {
			secrets = append(secrets, fmt.Sprintf("%016x/token-%d-%016x", rand.Uint64(), i, rand.Uint64()))
		}
		set := redact.New(secrets)
		for name, data := range map[string][]byte{
			"without escapes": []byte(row),
			"with escapes":    []byte(strings.Replace(row, "some text", `\"some\ntext\"`, 1)),
		} {
			b.Run(fmt.Sprintf("%d secrets/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					set.InData(data)
				}
			})
		}
	}
	short := redact.New([]string{"hunter2!"})
	b.Run("a password of 8 bytes", func(b *testing.B) {
		for b.Loop() {
			short.InData([]byte(row))
		}
	})
}

func BenchmarkText(b *testing.B) {
	set := redact.New([]string{"9f86d081884c7d659a2feaa0c55ad015", "p&ss word/1234"})
	for name, text := range map[string]string{
		"without a secret": "GET https://api.example.com/v2/orders?page=17&limit=100: the source responded with 503 Service Unavailable",
		"with a secret":    "GET https://api.example.com/v2/orders?page=17&key=p%26ss+word%2F1234: the source responded with 503",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				set.Text(text)
			}
		})
	}
}

func BenchmarkWithOneOtherSecret(b *testing.B) {
	for _, n := range []int{1, 64, 1000} {
		secrets := make([]string, n)
		for i := range n {
			secrets[i] = fmt.Sprintf("%016x/token-%d-%016x", rand.Uint64(), i, rand.Uint64())
		}
		set := redact.New(secrets)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				secrets[0] = fmt.Sprintf("%032x", i)
				set = set.With(secrets)
			}
		})
	}
}
