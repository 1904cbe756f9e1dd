package pasted

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

var keys = []string{
	"sk_live_51Hq8ZkLmN0pQrStUvWxYz", "sk_test_abcdefghijklmnop", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "xoxb-123456789012-abcdefghijkl", "0123456789abcdef0123456789abcdef",
	"550e8400-e29b-41d4-a716-446655440000", "pasted-key-0123456789", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
	"dGhpcyBpcyBhIGtleSBpbiBiYXNlNjQ=", "AbCdEfGhIjKlMnOpQrStUvWx",
}

func TestKeysLookLikeKeys(t *testing.T) {
	for _, key := range keys {
		assert.True(t, LooksLikeKey(key), key)
		assert.Contains(t, Keys(" "+key+"\n"), key)
		assert.Equal(t, "[not shown]", Name(key))
	}
}

func TestNamesAndAddressesDoNotLookLikeKeys(t *testing.T) {
	for _, text := range []string{
		"", "orders", "order_items_archive_2024", "my-company-instance-01", "https://api2.eu-west-1.example.com/v2/customers?page=100",
		"customers-with-long-names-and-more", "person.with.a.long.name@example.com", "2024-01-02T03:04:05Z", "20240102T030405Z-and-20250102T030405Z",
		"a sentence with 12 words and a number 123456", "1234567890123456", "CustomerSubscriptionHistory", "warehouse_eu1.public.order_items",
		"/var/lib/connectors/shop-2024/config.json", "xy12345.eu-central-1.example.com", "30m", "true",
		"ORD-2024-000123", "INVOICE-20240115-0001", "orders20240115backup", "orders_20240115093000", "2024-01-15T10:00:00.123456Z",
		"application_v2beta1_resources", "theQuickBrownFoxJumpsOverTheLazyDog", "s3://my-bucket/exports/2024/01/15/orders_v2.parquet",
		"gs://exports-2024q1/shop_orders_full/part-00017.csv.gz", "customer_lifetime_value_in_account_currency",
	} {
		assert.Empty(t, Keys(text), text)
		assert.Equal(t, text, Mask(text))
	}
}

func TestAKeyInPlaceOfAHostIsRecognized(t *testing.T) {
	for _, key := range keys {
		if !strings.Contains(key, "/") {
			assert.True(t, HostIsKey(key), key)
		}
	}
	for _, name := range []string{
		"localhost", "api.example.com", "a1b2c3d4-e5f6-7890.example.com", "api.example.com.", "192.168.100.200", "2001:db8::1234:5678:9abc:def0",
		"my-company-service", "shop-db-01", "xn--bcher-kva0123456.xn--p1ai", "",
	} {
		assert.False(t, HostIsKey(name), name)
	}
}

func TestAKeyWithinOtherTextIsMasked(t *testing.T) {
	const key = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"
	for text, want := range map[string]string{
		"https://api.example.com/v1?api_key=" + key + "&page=1": "https://api.example.com/v1?api_key=[not shown]&page=1",
		"https://" + key + "/v2":                                "https://[not shown]/v2",
		`unknown command "` + key + `"`:                         `unknown command "[not shown]"`,
		`{"api_key":"` + key + `"}`:                             `{"api_key":"[not shown]"}`,
		"--" + key + "=1":                                       "[not shown]",
	} {
		assert.Equal(t, want, Mask(text))
	}
}

func TestANameIsShownOnlyIfItIsOne(t *testing.T) {
	for _, name := range []string{"page_size", "größe", "x-header.v2", "$ref"} {
		assert.Equal(t, name, Name(name))
	}
	for _, name := range []string{"", "a b", "a\nb", `{"a":1}`, strings.Repeat("a", 41), "a\xff"} {
		assert.Equal(t, "[not shown]", Name(name), "%q", name)
	}
}

func TestALabelIsMaskedAndBounded(t *testing.T) {
	for name, want := range map[string]string{
		"Order Items (2024)": "Order Items (2024)", "größe\n2": "größe 2", "": "[not shown]", `{"a":"hunter2"}`: "[not shown]",
		"shop " + keys[0]: "shop [not shown]", strings.Repeat("a ", 40): strings.TrimSpace(strings.Repeat("a ", 32)) + "…",
	} {
		assert.Equal(t, want, Label(name))
	}
}

func FuzzMask(f *testing.F) {
	f.Add("a ", "sk_live_51Hq8ZkLmN0pQrStUvWxYz", " b")
	f.Fuzz(func(t *testing.T, before, key, after string) {
		masked := Mask(before + key + after)
		for _, k := range Keys(masked) {
			assert.Contains(t, k, "not", "a key remains")
		}
	})
}

// A key must be recognized nearly always, although names of words and numbers are shown.
func TestRandomTextIsTakenForAKey(t *testing.T) {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{16, 36, 62} { // hexadecimal digits, base36 and base62
		for _, length := range []int{20, 32, 40} {
			missed := 0
			for range 1000 {
				key := make([]byte, length)
				for i := range key {
					key[i] = alphabet[random.IntN(size)]
				}
				if !LooksLikeKey(string(key)) {
					missed++
				}
			}
			assert.Less(t, missed, 25, "of 1000 texts of %d characters of an alphabet of %d", length, size)
		}
	}
}
