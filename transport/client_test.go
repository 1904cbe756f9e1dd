package transport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

func TestTheBaseURLMustBeAnAbsoluteHTTPURLWithoutCredentials(t *testing.T) {
	for _, good := range []string{"http://localhost:8080", "https://api.example.com", "https://api.example.com/v2/", " https://api.example.com "} {
		_, err := transport.New(good)
		assert.NoError(t, err, good)
	}
	for _, bad := range []string{"", "api.example.com", "localhost:8080", "ftp://host", "https://", "https:///v2", "http://h\x7f",
		"https://user:hunter22@host", "https://host?x=1", "https://host#f", "://", "https://host:port"} {
		_, err := transport.New(bad)
		if assert.Error(t, err, bad) {
			assert.True(t, asError(t, err).Configuration(), bad)
			assert.NotContains(t, err.Error(), "hunter22")
		}
	}
	_, err := transport.New("api.example.com/v2")
	assert.ErrorContains(t, err, "https://api.example.com")
}

func TestAnOptionThatIsNotValidIsAnErrorOfNew(t *testing.T) {
	for name, opt := range map[string]transport.Option{
		"header": transport.WithHeader("bad header", "x"), "value": transport.WithHeader("X", "a\nb"),
		"timeout": transport.WithTimeout(-1), "body": transport.WithMaxBody(0), "agent": transport.WithUserAgent("a\r\n"),
		"hosts": transport.WithHosts("https://x"), "retry": transport.WithRetry(retry.Policy{Attempts: -1}),
	} {
		_, err := transport.New("https://h", opt)
		assert.Error(t, err, name)
	}
}
