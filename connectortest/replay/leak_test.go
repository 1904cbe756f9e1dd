package replay_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/connectortest/replay"
	"github.com/penstock-sdk/penstock/internal/secretspelling"
)

func TestARecordingWithAGeneratedPartOfASecretIsRefused(t *testing.T) {
	const secret = "p@ssw0rd-9aF3kQ7xZp2LmT8vRw4Y-abcdefghij"
	for _, body := range []string{"the key 9aF3kQ7xZp2LmT8vRw4Y is unknown", "the key " + encoded("9aF3kQ7xZp2LmT8vRw4Y") + " is unknown"} {
		recording(t, true)
		path := filepath.Join(t.TempDir(), "recording.yaml")
		failures := during(path, func(_ *fakeTB, n http.RoundTripper) { do(t, n, "GET", "https://h/", "") }, replay.Scrub(secret), replay.Network(answer(body)))
		require.Len(t, failures, 1)
		assert.Contains(t, failures[0], "would contain a part of secret 1")
		assert.NotContains(t, failures[0], "9aF3kQ7x")
		assert.NoFileExists(t, path)
	}
}

func TestARecordingMayContainWhatASecretSharesWithOtherText(t *testing.T) {
	for secret, body := range map[string]string{
		"https://hooks.example.com/services/T0A1B2C3D4E5F6G7/9aF3kQ7xZp2LmT8vRw4Y":                   "see https://hooks.example.com/services/T0A1B2C3D4E5F6G7 and T0A1B2C3D4E5F6G7",
		"postgres://app:9aF3kQ7xZp2LmT8vRw4Y@db-7f3a9c1e5b2d8046.example.com:5432/shop":              "the host is db-7f3a9c1e5b2d8046.example.com:5432",
		"Server=db-7f3a9c1e5b2d8046.example.com;Database=shop;Uid=app;Password=9aF3kQ7xZp2LmT8vRw4Y": "db-7f3a9c1e5b2d8046.example.com;Database=shop",
		"host=db-7f3a9c1e5b2d8046.example.com user=app password=9aF3kQ7xZp2LmT8vRw4Y":                "host=db-7f3a9c1e5b2d8046.example.com",
		`{"client_id":"7f3a9c1e5b2d8046aa","private_key":"9aF3kQ7xZp2LmT8vRw4Y"}`:                    `{"client_id":"7f3a9c1e5b2d8046aa"}`,
		"shop-production-database-9aF3kQ7xZp2LmT8vRw4Y":                                              "the shop-production-database",
		"correct zebra battery staple":                                                               "a zebra battery staple",
		"reader@shop-production-database.example.com":                                                "the host shop-production-database.example.com",
		"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.9aF3kQ7xZp2LmT8vRw4Y":      "another token: eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
		"sk_live_9aF3kQ7xZp2LmT8vRw4Y":                                                               "no such key: sk_live_9aF3kQ7xZp2LmT8…",
	} {
		exchanges(t, answer(body), func(n http.RoundTripper) { do(t, n, "POST", "https://h/", body) }, replay.Scrub(secret))
	}
}

// Nothing that a recording masks may look like a leak afterwards, and the other way round.
func TestEveryKindOfSecretCanBeRecorded(t *testing.T) {
	for _, k := range secretspelling.Kinds() {
		if len(k.Value) < 8 {
			continue
		}
		body := "before " + strings.Join(k.Texts(), " between ") + " after"
		exchanges(t, answer(body), func(n http.RoundTripper) { do(t, n, "POST", "https://h/", body) }, replay.Scrub(k.Value))
	}
}
