package transport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/penstock-sdk/penstock/transport"
)

// inside is a network that consists of one handler.
var inside = memory{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, `{"host":%q}`, r.Host)
})}

// A test runs a connector, which makes its own client, without a network.
func ExampleNewContext() {
	ctx := transport.NewContext(context.Background(), inside)

	client, err := transport.New("https://api.example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := transport.Get[string](ctx, client, transport.Request{RecordsAt: "host"})
	fmt.Println(host, err)
	// Output: api.example.com <nil>
}

// A vendor's SDK takes an http.Client. Tests can run it without a network.
func ExampleRoundTripper() {
	sdk := &http.Client{Transport: transport.RoundTripper(nil)}

	ctx := transport.NewContext(context.Background(), inside)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.example.com/", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := sdk.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	fmt.Println(string(text), err)
	// Output: {"host":"api.example.com"} <nil>
}

func ExampleWithRoundTripper() {
	client, err := transport.New("https://api.example.com", transport.WithRoundTripper(inside))
	if err != nil {
		fmt.Println(err)
		return
	}
	host, err := transport.Get[string](context.Background(), client, transport.Request{RecordsAt: "host"})
	fmt.Println(host, err)
	// Output: api.example.com <nil>
}

// The source has its own certificate authority.
func ExampleWithTLS() {
	server := httptest.NewTLSServer(inside)
	defer server.Close()

	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate()) // roots.AppendCertsFromPEM(config.CertificateAuthority)
	client, err := transport.New(server.URL, transport.WithTLS(&tls.Config{RootCAs: roots}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	resp, err := client.Do(context.Background(), transport.Request{Path: "/status"})
	fmt.Println(resp.Status, err)
	// Output: 200 <nil>
}

func ExampleWithProxy() {
	proxy := httptest.NewServer(inside)
	defer proxy.Close()

	client, err := transport.New("http://api.example.com", transport.WithProxy(proxy.URL))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	host, err := transport.Get[string](context.Background(), client, transport.Request{RecordsAt: "host"})
	fmt.Println(host, err)
	// Output: api.example.com <nil>
}

// The source accepts two connections per client.
func ExampleWithConnections() {
	client, err := transport.New("https://api.example.com", transport.WithConnections(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(client.BaseURL())
	// Output: https://api.example.com
}
