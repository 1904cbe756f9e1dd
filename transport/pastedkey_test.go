package transport_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/penstock-sdk/penstock/transport"
	"github.com/penstock-sdk/penstock/transport/retry"
)

// pastedKey is a key that a user has entered in the wrong field.
const pastedKey = "sk_live_51Hq8ZkLmN0pQrStUvWxYz"

func TestAKeyInPlaceOfTheBaseURLOrTheProxyIsRefusedAndNotRepeated(t *testing.T) {
	for name, client := range map[string]func() (*transport.Client, error){
		"the base URL":                 func() (*transport.Client, error) { return transport.New(pastedKey) },
		"the host":                     func() (*transport.Client, error) { return transport.New("https://" + pastedKey) },
		"the host and a port":          func() (*transport.Client, error) { return transport.New("https://" + pastedKey + ":8080/v2") },
		"the host in lower case":       func() (*transport.Client, error) { return transport.New("https://" + strings.ToLower(pastedKey)) },
		"the scheme":                   func() (*transport.Client, error) { return transport.New(pastedKey + "://host") },
		"the user":                     func() (*transport.Client, error) { return transport.New("https://" + pastedKey + "@host") },
		"the query":                    func() (*transport.Client, error) { return transport.New("https://host?key=" + pastedKey) },
		"the fragment":                 func() (*transport.Client, error) { return transport.New("https://host#" + pastedKey) },
		"the port":                     func() (*transport.Client, error) { return transport.New("https://host:" + pastedKey) },
		"a base URL that is not valid": func() (*transport.Client, error) { return transport.New("https://" + pastedKey + "%zz") },
		"a proxy": func() (*transport.Client, error) {
			return transport.New("https://host", transport.WithProxy(pastedKey))
		},
		"the host of a proxy": func() (*transport.Client, error) {
			return transport.New("https://host", transport.WithProxy("http://user:hunter2@"+pastedKey+":3128"))
		},
		"a header": func() (*transport.Client, error) {
			return transport.New("https://host", transport.WithHeader(pastedKey+":", "x"))
		},
		"a value of a header": func() (*transport.Client, error) {
			return transport.New("https://host", transport.WithHeader("X-Key", pastedKey+"\n"+pastedKey))
		},
		"a further host": func() (*transport.Client, error) {
			return transport.New("https://host", transport.WithHosts("https://u:hunter2@"+pastedKey))
		},
	} {
		_, err := client()
		require.Error(t, err, name)
		assert.NotContains(t, strings.ToLower(err.Error()), strings.ToLower(pastedKey[:9]), name)
		assert.NotContains(t, err.Error(), "hunter2", name)
	}
}

// A failing network fails as a proxy does whose name is not known.
type failingNetwork struct{}

func (failingNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "proxyconnect", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: pastedKey, IsNotFound: true}}}
}

func TestTheErrorOfAProxyDoesNotRepeatAKeyInPlaceOfItsHost(t *testing.T) {
	c, err := transport.New("https://api.example.com", transport.WithRoundTripper(failingNetwork{}), transport.WithLogger(quiet), transport.WithRetry(retry.Policy{Attempts: 1}))
	require.NoError(t, err)
	_, err = c.Do(ctx, transport.Request{})
	require.ErrorContains(t, err, "cannot connect to the proxy: dial: lookup [not shown]: no such host")
	assert.NotContains(t, err.Error(), pastedKey[:9])
	var failed *transport.Error
	assert.True(t, errors.As(err, &failed) && failed.Configuration())
}
